"""A real Apache Kafka of one node on free loopback ports, and what the benchmarks ask of it."""
import pathlib
import re
import shutil
import socket
import subprocess
import time

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{client},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{client}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={logs}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
# After a kill the node waits this long for its former self's session to end.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""
LOGGING = """\
log4j.rootLogger=WARN, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d %p %m (%c)%n
"""
TOOL_FLAGS = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
START_SECONDS = 60


def free_ports(count):
    """Ports that were free a moment ago, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Broker:
    """Runs from construction until stop()."""

    def __init__(self, jars, work_dir):
        self._class_path = f"{jars}/*"
        self._dir = pathlib.Path(work_dir, "kafka")
        self._dir.mkdir()
        self._port, controller = free_ports(2)
        self.address = f"127.0.0.1:{self._port}"
        self._properties = self._dir / "server.properties"
        self._properties.write_text(PROPERTIES.format(client=self._port, controller=controller,
                                                      logs=self._dir / "logs"))
        self._logging = self._dir / "log4j.properties"
        self._logging.write_text(LOGGING)
        cluster = self._tool("kafka.tools.StorageTool", "random-uuid").strip()
        self._tool("kafka.tools.StorageTool", "format", "-t", cluster, "-c",
                   str(self._properties))
        self._log = open(self._dir / "broker.log", "wb")
        self.start()

    def compiler_seconds(self):
        """Processor time that Java has spent on compiling the broker so far."""
        threads = pathlib.Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) / 1e9 for thread in threads
                   if re.match(r"C[12] Compiler", (thread / "comm").read_text()))

    def start(self):
        """Also after kill(): the same node with the same records."""
        self._process = subprocess.Popen(
            self._java(["-Xms512m", "-Xmx512m"], "kafka.Kafka", str(self._properties)),
            stdout=self._log, stderr=subprocess.STDOUT)
        self._wait_until_listening(self._port)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def version(self):
        found = [re.match(r"kafka-clients-(.+)\.jar", jar.name)
                 for jar in pathlib.Path(self._class_path).parent.iterdir()]
        return next((match.group(1) for match in found if match), "unknown")

    def create_topic(self, name, partitions, configuration=()):
        self._tool("org.apache.kafka.tools.TopicCommand", "--bootstrap-server", self.address,
                   "--create", "--topic", name, "--partitions", str(partitions),
                   *(word for entry in configuration for word in ("--config", entry)))

    def write(self, topic, lines):
        self._tool("kafka.tools.ConsoleProducer", "--bootstrap-server", self.address, "--topic", topic,
                   text="".join(f"{line}\n" for line in lines))

    def values(self, topic, wait_ms=3000):
        """Everything in `topic`, one value a line; `wait_ms` for the first and for one after the last."""
        return self._tool("org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server",
                          self.address, "--topic", topic, "--from-beginning",
                          "--timeout-ms", str(wait_ms))

    def offsets(self, group):
        """The group's offsets beside the ends of the partitions, as Kafka's tool prints them."""
        return self._tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                          "--bootstrap-server", self.address, "--describe", "--group", group)

    def lags(self):
        """{group: records that it has not committed}; a partition without any offset counts as one."""
        lags = {}
        for line in self._tool("org.apache.kafka.tools.consumer.group.ConsumerGroupCommand",
                               "--bootstrap-server", self.address, "--describe",
                               "--all-groups").splitlines():
            columns = line.split()
            if len(columns) > 5 and columns[2].isdigit():
                lag = int(columns[5]) if columns[5].isdigit() else 1
                lags[columns[0]] = lags.get(columns[0], 0) + lag
        return lags

    def committed_to_the_end(self, group, topic, partitions):
        """Whether the group's committed offset of every partition is the partition's end."""
        at_end = 0
        for line in self.offsets(group).splitlines():
            columns = line.split()
            if columns[:2] == [group, topic]:
                current, end = columns[3:5]
                at_end += current == end
        return at_end == partitions

    def stop(self):
        self._process.terminate()
        try:
            self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        shutil.rmtree(self._dir / "logs", ignore_errors=True)  # the records, not what it said

    def _java(self, flags, main_class, *arguments):
        return ["java", *flags, f"-Dlog4j.configuration=file:{self._logging}",
                "-cp", self._class_path, main_class, *arguments]

    def _tool(self, main_class, *arguments, text=None):
        done = subprocess.run(self._java(TOOL_FLAGS, main_class, *arguments), text=True, input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{main_class}: {done.stdout}{done.stderr}")
        return done.stdout

    def _wait_until_listening(self, port):
        deadline = time.monotonic() + START_SECONDS
        while not listens(port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"Kafka did not start; see {self._log.name}")
            time.sleep(0.1)  # nothing tells when a port begins to listen
