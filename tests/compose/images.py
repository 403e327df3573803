"""What the services use of their images: real parts of this machine at the places where the images have them."""
import functools
import os
import pathlib
import subprocess
from typing import NamedTuple

from project import ROOT, SLUICE

TOOLS = {"kafka-topics": "org.apache.kafka.tools.TopicCommand",
         "kafka-console-producer": "kafka.tools.ConsoleProducer",
         "kafka-consumer-groups": "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"}
LOGGING = """\
log4j.rootLogger=WARN, stdout
log4j.appender.stdout=org.apache.log4j.ConsoleAppender
log4j.appender.stdout.layout=org.apache.log4j.PatternLayout
log4j.appender.stdout.layout.ConversionPattern=%d %p %m (%c)%n
"""
# The image makes server.properties of KAFKA_* by the same class of Kafka.
RUN = """\
#!/bin/sh -e
mkdir -p /opt/kafka/config
{java} kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker \
  --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config
exec {java} kafka.Kafka /opt/kafka/config/server.properties
"""
# In the image it is BusyBox's.
WGET = """\
#!/usr/bin/env python3
import sys, urllib.request
urllib.request.urlopen(sys.argv[-1], timeout=3)
"""


class Image(NamedTuple):
    """Path in the container (without the first /) to its text, or to a file or folder of this machine."""
    files: dict
    entrypoint: list
    user: int = 0


@functools.cache
def kafka():
    lib = os.environ.get("SLUICE_KAFKA_LIB") or subprocess.run(
        [ROOT / "scripts" / "kafka-dist"], check=True, capture_output=True, text=True).stdout.strip()
    java = (f"java ${{KAFKA_HEAP_OPTS:-}} -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "
            f"-Dlog4j.configuration=file:/etc/kafka/docker/log4j.properties -cp '{lib}/*'")
    files = {f"opt/kafka/bin/{name}.sh": f'#!/bin/sh\nexec {java} {tool} "$@"\n' for name, tool in TOOLS.items()}
    files["etc/kafka/docker/run"] = RUN.format(java=java)
    files["etc/kafka/docker/server.properties"] = "# where no KAFKA_* is set\n"
    for name in "log4j", "tools-log4j":
        files[f"etc/kafka/docker/{name}.properties"] = LOGGING
    files["mnt/shared/config/none"] = ""
    return Image(files, ["/etc/kafka/docker/run"])


def prometheus():
    return Image({"usr/local/bin/wget": WGET}, ["prometheus"])


def sluice():
    return Image({"usr/bin/sluice": pathlib.Path(SLUICE), "etc/sluice": ROOT / "config"}, ["/usr/bin/sluice"], 10001)


def of(name):
    return {"apache/kafka": kafka, "prom/prometheus": prometheus, "sluice": sluice}[name.split(":")[0]]()


def rights(image, service):
    """The command in front of the service's that takes away what the service has not."""
    command = ["setpriv", f"--reuid={image.user}", f"--regid={image.user}", "--clear-groups"]
    if service.get("cap_drop"):
        command += ["--bounding-set=-all", "--inh-caps=-all"]
    if "no-new-privileges:true" in service.get("security_opt", []):
        command += ["--no-new-privs"]
    return [*command, "--"]
