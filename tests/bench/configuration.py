"""The configurations that Sluice is measured with: what a user would write, and no more."""

TOP = """\
kafka: {{brokers: ["{brokers}"]}}
admin: {{listen: "127.0.0.1:{admin_port}"}}
log: {{level: warn}}
targets:
  sink:
    base_url: "http://127.0.0.1:{port}"
    auth: {{type: hkdf_hmac, token: bench-token, account_id: bench-account, workspace_id: bench-workspace}}
pipelines:
"""
DEPOSITS = TOP + """\
  deposits:
    topics: ["{topic}"]
    group: "{group}"
    target: sink
    path: /events/deposit
    batch: {{max_records: 500{linger}}}
    dead_letter: {{topic: "{dead_letters}"}}
"""


def deposits(brokers, port, topic, group, dead_letters, admin_port=0, linger=None):
    """Batches of 500 from `topic`; `admin_port` 0 is any; without `linger` it is the default's."""
    return DEPOSITS.format(brokers=brokers, port=port, topic=topic, group=group, dead_letters=dead_letters,
                           admin_port=admin_port, linger=f", linger: {linger}" if linger else "")
