"""The API of the fault figures: takes deposit events in a few milliseconds each request, remembers
when it first took each, and fails in the way it is told to until it is healed."""
import asyncio
import dataclasses
import re
import socket
import struct
import threading
import time

EVENT_ID = re.compile(rb'"event_id":"evt_(\d{9})"')
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
LARGEST_HEAD = 65_536
WORK_SECONDS = 0.005


@dataclasses.dataclass(frozen=True)
class Status:
    """A fault that answers."""
    code: int
    headers: str = ""


NO_ANSWER = "no answer"  # and healing closes what waits, as a restart of the API would
RESET = "reset"          # after the head of each request


class FaultApi:
    """Serves from construction until close(), in a thread of its own. Which fault a request meets
    is decided when its head has arrived."""

    def __init__(self, records, poison=()):
        self._poison = frozenset(poison)
        self._lock = threading.Lock()  # guards the counts
        self._first_ns = [0] * records
        self._taken = 0
        self._repeated = 0
        self._unknown = 0
        self._requests = 0
        self._requests_with_repeats = 0
        self._refused = 0
        self._into_fault = 0
        self._fault = None
        self._loop = asyncio.new_event_loop()
        self._healed = asyncio.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def fail(self, fault):
        self._loop.call_soon_threadsafe(self._set_fault, fault)

    def heal(self):
        self._loop.call_soon_threadsafe(self._set_fault, None)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._listener.close()

    def taken(self):
        """Different records so far."""
        with self._lock:
            return self._taken

    def first_ns(self):
        """Of each record, when it was first taken (monotonic); 0: not yet."""
        with self._lock:
            return list(self._first_ns)

    def counts(self):
        """`refused` are requests with poison in them, `into_fault` those that met a fault."""
        with self._lock:
            return {"requests": self._requests, "into_fault": self._into_fault,
                    "refused": self._refused, "repeated": self._repeated,
                    "requests_with_repeats": self._requests_with_repeats,
                    "unknown": self._unknown}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, sock=self._listener, limit=LARGEST_HEAD))
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def _set_fault(self, fault):
        self._fault = fault
        if fault is None:
            self._healed.set()
        else:
            self._healed.clear()

    async def _serve(self, reader, writer):
        try:
            while await self._answer_one(reader, writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # the client is gone, or close() was called
        finally:
            writer.close()

    async def _answer_one(self, reader, writer):
        """False: nothing more comes on this connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        fault = self._fault
        with self._lock:
            self._requests += 1
            self._into_fault += fault is not None
        if fault == RESET:
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                                       struct.pack("ii", 1, 0))
            writer.transport.abort()
            return False
        body = await reader.readexactly(int(CONTENT_LENGTH.search(head).group(1)))
        if fault == NO_ANSWER:
            await self._healed.wait()
            return False
        await asyncio.sleep(WORK_SECONDS)
        writer.write(self._judge(fault, [int(number) for number in EVENT_ID.findall(body)]))
        return True

    def _judge(self, fault, numbers):
        if fault is not None:
            return answer(fault.code, '{"message":"not now"}', fault.headers)
        if not self._poison.isdisjoint(numbers):
            with self._lock:
                self._refused += 1
            return answer(400, '{"message":"validation error"}')
        self._take(numbers)
        return answer(200, f'{{"message":"ok","count":{len(numbers)}}}')

    def _take(self, numbers):
        now = time.monotonic_ns()
        with self._lock:
            repeated_before = self._repeated
            for number in numbers:
                if number >= len(self._first_ns):
                    self._unknown += 1
                elif self._first_ns[number]:
                    self._repeated += 1
                else:
                    self._first_ns[number] = now
                    self._taken += 1
            self._requests_with_repeats += self._repeated != repeated_before


def answer(code, body, headers=""):
    return (f"HTTP/1.1 {code} -\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{headers}\r\n{body}").encode()
