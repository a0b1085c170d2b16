"""A charge point of a few lines: RFC 6455 client and OCPP-J framing on the standard library alone.

WsClient speaks bytes and frames, also wrong ones; Station speaks OCPP 1.6-J on top and answers what the central
system asks.  Everything blocks with a deadline.
"""
import base64
import datetime
import json
import os
import select
import socket
import ssl
import struct
import time

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Refused(Exception):
    """The upgrade was answered with another status than 101."""

    def __init__(self, status, head, body):
        super().__init__(f"{status}: {body.strip() or head.splitlines()[0]}")
        self.status, self.head, self.body = status, head, body


class Closed(Exception):
    """The connection has ended; code is that of the close frame, None when it was cut."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"closed {code} {reason}")
        self.code, self.reason = code, reason


def connect_tcp(host, port, source=None, timeout=10):
    address = (source, 0) if source else None
    return socket.create_connection((host, port), timeout=timeout, source_address=address)


def upgrade_request(host, path, protocols=("ocpp1.6",), user=None, password=None, extra=()):
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode(), "Sec-WebSocket-Version: 13"]
    if protocols:
        lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
    if user is not None:
        secret = password if isinstance(password, bytes) else (password or "").encode()
        lines.append("Authorization: Basic " + base64.b64encode(user.encode() + b":" + secret).decode())
    return ("\r\n".join([*lines, *extra]) + "\r\n\r\n").encode()


class WsClient:
    def __init__(self, host, port, path, protocols=("ocpp1.6",), user=None, password=None, tls=None, extra=(),
                 source=None, timeout=20):
        sock = connect_tcp(host, port, source, timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = tls.wrap_socket(sock, server_hostname=host) if tls else sock
        self.buffer = b""
        self.closed = False
        self.sock.sendall(upgrade_request(f"{host}:{port}", path, protocols, user, password, extra))
        self._read_answer(timeout)

    def _read_answer(self, timeout):
        deadline = time.monotonic() + timeout
        while b"\r\n\r\n" not in self.buffer:
            if not self._fill(deadline):
                raise Closed(None, "no answer to the upgrade")
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        self.head = head.decode("latin-1")
        status = int(self.head.split()[1])
        if status != 101:
            body = self._rest()
            self.close_hard()
            raise Refused(status, self.head, body)

    def _rest(self):
        try:
            while self._fill(time.monotonic() + 1):
                pass
        except (Closed, OSError):
            pass
        return self.buffer.decode("utf-8", "replace")

    def header(self, name):
        for line in self.head.splitlines()[1:]:
            key, _, value = line.partition(":")
            if key.strip().lower() == name.lower():
                return value.strip()
        return None

    def _fill(self, deadline):
        """More bytes into the buffer; False when the time is over, Closed at the end of the stream."""
        pending = hasattr(self.sock, "pending") and self.sock.pending() > 0
        wait = max(0.0, deadline - time.monotonic())
        if not pending and not select.select([self.sock], [], [], wait)[0]:
            return False
        try:
            more = self.sock.recv(65536)
        except (ConnectionResetError, ssl.SSLError) as error:
            raise Closed(None, str(error)) from error
        if not more:
            raise Closed(None, "end of stream")
        self.buffer += more
        return True

    def send_frame(self, opcode, payload, final=True, mask=True):
        head = bytes([(0x80 if final else 0) | opcode])
        n = len(payload)
        bit = 0x80 if mask else 0
        if n < 126:
            head += bytes([bit | n])
        elif n < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", n)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", n)
        if mask:
            key = os.urandom(4)
            head += key
            pattern = int.from_bytes((key * (n // 4 + 1))[:n], "big") if n else 0
            payload = (int.from_bytes(payload, "big") ^ pattern).to_bytes(n, "big")
        self.sock.sendall(head + payload)

    def send_text(self, text):
        self.send_frame(TEXT, text if isinstance(text, bytes) else text.encode())

    def _parse(self):
        """One whole frame out of the buffer, or None."""
        b = self.buffer
        if len(b) < 2:
            return None
        n, at = b[1] & 0x7F, 2
        if n == 126:
            if len(b) < 4:
                return None
            n, at = struct.unpack(">H", b[2:4])[0], 4
        elif n == 127:
            if len(b) < 10:
                return None
            n, at = struct.unpack(">Q", b[2:10])[0], 10
        if len(b) < at + n:
            return None
        self.buffer = b[at + n:]
        return b[0] & 0x0F, b[at:at + n]

    def recv_frame(self, timeout=20, pong=True):
        """(opcode, payload); None when nothing came in time.  Pings are answered on the way."""
        deadline = time.monotonic() + timeout
        while True:
            frame = self._parse()
            if frame is None:
                if not self._fill(deadline):
                    return None
                continue
            opcode, payload = frame
            if opcode == PING:
                if pong:
                    self.send_frame(PONG, payload)
                continue
            if opcode == PONG:
                continue
            if opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                self.closed = True
                try:
                    self.send_frame(CLOSE, payload[:2])
                except OSError:
                    pass
                self.close_hard()
                raise Closed(code, payload[2:].decode("utf-8", "replace"))
            return opcode, payload

    def recv_text(self, timeout=20):
        frame = self.recv_frame(timeout)
        return None if frame is None else frame[1].decode()

    def wait_closed(self, timeout=20):
        """The Closed of this connection; fails when it stays open."""
        deadline = time.monotonic() + timeout
        try:
            while time.monotonic() < deadline:
                self.recv_frame(max(0.01, deadline - time.monotonic()))
        except Closed as closed:
            return closed
        except OSError as error:
            return Closed(None, str(error))
        raise AssertionError("the connection stayed open")

    def close(self, code=1000):
        try:
            self.send_frame(CLOSE, struct.pack(">H", code))
        except OSError:
            pass
        self.close_hard()

    def close_hard(self):
        try:
            self.sock.close()
        except OSError:
            pass


class CallError(Exception):
    def __init__(self, code, description, details):
        super().__init__(f"{code}: {description}")
        self.code, self.description, self.details = code, description, details


def now_text(offset_s=0):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=offset_s)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


class Station:
    """A charge point that asks and answers.  `answers` maps an action to a payload or to a function of the request."""

    def __init__(self, address, name, key=None, answers=None, **more):
        host, port = address
        self.name = name
        self.asked = []  # (action, payload) of the central system
        self.answers = {"GetConfiguration": {"configurationKey": [], "unknownKey": []}, **(answers or {})}
        self.ws = WsClient(host, port, f"/ocpp/{name}", user=name if key is not None else None, password=key, **more)
        self.next_id = 0

    def _serve(self, frame):
        _, message_id, action, payload = frame
        self.asked.append((action, payload))
        answer = self.answers.get(action, {"status": "Accepted"})
        if callable(answer):
            answer = answer(payload)
        if answer is not None:
            self.ws.send_text(json.dumps([3, message_id, answer]))

    def send_call(self, action, payload, message_id=None):
        self.next_id += 1
        message_id = message_id or f"{self.name}-{self.next_id}"
        self.ws.send_text(json.dumps([2, message_id, action, payload]))
        return message_id

    def wait_answer(self, message_id, timeout=20):
        """Payload of the CALLRESULT; None when none comes in time."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            text = self.ws.recv_text(max(0.01, deadline - time.monotonic()))
            if text is None:
                return None
            frame = json.loads(text)
            if frame[0] == 2:
                self._serve(frame)
            elif frame[1] == message_id:
                if frame[0] == 4:
                    raise CallError(*frame[2:5])
                return frame[2]
        return None

    def call(self, action, payload, timeout=20):
        answer = self.wait_answer(self.send_call(action, payload), timeout)
        assert answer is not None, f"{self.name}: {action} was not answered within {timeout} s"
        return answer

    def serve(self, seconds):
        """Answer requests of the central system for a while."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            text = self.ws.recv_text(max(0.01, deadline - time.monotonic()))
            if text is not None and json.loads(text)[0] == 2:
                self._serve(json.loads(text))

    def wait_asked(self, action, timeout=20, match=lambda payload: True):
        """Serve until the central system has asked for `action`; its payload."""
        deadline = time.monotonic() + timeout
        while True:
            for name, payload in self.asked:
                if name == action and match(payload):
                    return payload
            if time.monotonic() > deadline:
                raise AssertionError(f"{self.name}: no {action} within {timeout} s, only {[a for a, _ in self.asked]}")
            self.serve(0.1)

    # the usual words

    def boot(self, model="Test"):
        return self.call("BootNotification", {"chargePointVendor": "NoxTest", "chargePointModel": model})

    def status(self, status="Available", connector=1):
        return self.call("StatusNotification", {"connectorId": connector, "errorCode": "NoError", "status": status,
                                                "timestamp": now_text()})

    def start(self, id_tag, meter=0, connector=1, at=None):
        return self.call("StartTransaction", {"connectorId": connector, "idTag": id_tag, "meterStart": meter,
                                              "timestamp": at or now_text()})

    def meter(self, tx, wh, connector=1, at=None):
        return self.call("MeterValues", {"connectorId": connector, "transactionId": tx, "meterValue": [
            {"timestamp": at or now_text(), "sampledValue": [{"value": str(wh)}]}]})

    def stop(self, tx, meter, at=None, **more):
        return self.call("StopTransaction", {"transactionId": tx, "meterStop": meter, "timestamp": at or now_text(),
                                             **more})

    def close(self):
        self.ws.close()
