"""The charge point of tests/integration, answering in the background while a test does something else."""
import json
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../integration"))
import ws  # noqa: E402


class LiveStation(ws.Station):
    """`answers`: action -> payload, a (code, description) of a CALLERROR, or None: no answer."""

    def __init__(self, port, name, key=None, answers=None):
        self.replies = {}
        self.arrived = threading.Condition()
        self.status = 101
        try:
            super().__init__(("127.0.0.1", port), name, key, answers)
        except ws.Refused as refused:
            self.status = refused.status
            return
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        try:
            while True:
                text = self.ws.recv_text(60)
                if text is not None:
                    self._take(json.loads(text))
        except (OSError, ValueError, ws.Closed):
            pass

    def _take(self, message):
        if message[0] != 2:
            with self.arrived:
                self.replies[message[1]] = message
                self.arrived.notify_all()
        elif isinstance(self.answers.get(message[2]), tuple):
            self.ws.send_text(json.dumps([4, message[1], *self.answers[message[2]], {}]))
        else:
            self._serve(message)

    def wait_answer(self, message_id, timeout=20):
        with self.arrived:
            self.arrived.wait_for(lambda: message_id in self.replies, timeout)
            reply = self.replies.pop(message_id, None)
        if reply is not None and reply[0] == 4:
            raise ws.CallError(*reply[2:5])
        return reply and reply[2]

    def boot(self):
        return self.call("BootNotification", {"chargePointVendor": "Test", "chargePointModel": "Live"})

    def charge(self, tag, wh, start_wh, at, to):
        """One session from its start to its end. @return its transactionId"""
        tx = self.call("StartTransaction", {"connectorId": 1, "idTag": tag, "meterStart": start_wh,
                                            "timestamp": at})["transactionId"]
        self.call("StopTransaction", {"transactionId": tx, "meterStop": start_wh + wh, "timestamp": to, "reason": "Local"})
        return tx

    def close(self):
        self.ws.close()
