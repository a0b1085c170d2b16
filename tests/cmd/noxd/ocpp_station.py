"""A charge point of a few lines: websocket and OCPP-J over a plain socket, standard library only."""
import base64
import json
import os
import socket
import struct
import threading


class Station:
    """Connects, answers requests by `answers` (action -> payload, or None: not at all)."""

    def __init__(self, port, identity, key=None, answers=None):
        self.answers = answers or {}
        self.replies = {}
        self.seen = []
        self.next_id = 0
        self.arrived = threading.Condition()
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.status = self._upgrade(identity, key)
        if self.status == 101:
            self.thread = threading.Thread(target=self._read, daemon=True)
            self.thread.start()

    def _upgrade(self, identity, key):
        lines = [f"GET /ocpp/{identity} HTTP/1.1", "Host: x", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Protocol: ocpp1.6",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        if key is not None:
            lines.append("Authorization: Basic " + base64.b64encode(f"{identity}:{key}".encode()).decode())
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            piece = self.socket.recv(4096)
            if not piece:
                return 0
            self.buffer += piece
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return int(head.split()[1])

    def _take(self, n):
        while len(self.buffer) < n:
            piece = self.socket.recv(65536)
            if not piece:
                raise ConnectionError
            self.buffer += piece
        taken, self.buffer = self.buffer[:n], self.buffer[n:]
        return taken

    def _send_frame(self, opcode, data):
        mask = os.urandom(4)
        n = len(data)
        head = bytes([0x80 | opcode])
        head += bytes([0x80 | n]) if n < 126 else b"\xfe" + struct.pack(">H", n) if n < 65536 else \
            b"\xff" + struct.pack(">Q", n)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def _read(self):
        try:
            while True:
                first, second = self._take(2)
                n = second & 127
                if n == 126:
                    n = struct.unpack(">H", self._take(2))[0]
                elif n == 127:
                    n = struct.unpack(">Q", self._take(8))[0]
                data = self._take(n)
                if first & 15 == 9:
                    self._send_frame(10, data)
                elif first & 15 == 1:
                    self._on_message(json.loads(data))
                elif first & 15 == 8:
                    return
        except (OSError, ConnectionError, ValueError):
            pass

    def _on_message(self, message):
        if message[0] == 2:
            self.seen.append((message[2], message[3]))
            answer = self.answers.get(message[2], {"status": "Accepted"})
            if isinstance(answer, tuple):
                self._send_frame(1, json.dumps([4, message[1], answer[0], answer[1], {}]).encode())
            elif answer is not None:
                self._send_frame(1, json.dumps([3, message[1], answer]).encode())
            return
        with self.arrived:
            self.replies[message[1]] = message
            self.arrived.notify_all()

    def call(self, action, payload):
        self.next_id += 1
        name = str(self.next_id)
        self._send_frame(1, json.dumps([2, name, action, payload]).encode())
        with self.arrived:
            if not self.arrived.wait_for(lambda: name in self.replies, timeout=20):
                raise AssertionError(f"no answer to {action}")
            reply = self.replies.pop(name)
        assert reply[0] == 3, reply
        return reply[2]

    def boot(self):
        return self.call("BootNotification", {"chargePointVendor": "Test", "chargePointModel": "Few lines"})

    def charge(self, tag, wh, start_wh=0, at="2026-10-10T10:00:00Z", to="2026-10-10T11:00:00Z"):
        started = self.call("StartTransaction", {"connectorId": 1, "idTag": tag, "meterStart": start_wh, "timestamp": at})
        tx = started["transactionId"]
        self.call("StopTransaction", {"transactionId": tx, "meterStop": start_wh + wh, "timestamp": to, "reason": "Local"})
        return tx

    def close(self):
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
