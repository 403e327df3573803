"""docs/migration/README.md: Sluice takes over the group of another program and goes on where that was."""
import unittest

from walk import Walk

# Ten records, of which another program has read and committed four; an API, and a configuration.
BEFORE = """\
scripts/kafka server --listen localhost:9092 >kafka.log 2>&1 &
scripts/kafka topics --bootstrap-server localhost:9092 --create --topic deposits --partitions 1
scripts/kafka topics --bootstrap-server localhost:9092 --create --topic deposits-dlq --partitions 1
for i in $(seq 10); do
  echo '{"account_id": "demo-account", "workspace_id": "demo-workspace", "user_id": "u'$i'",' \\
    '"event_category": "Deposit", "event_name": "Paid in", "event_id": "e'$i'",' \\
    '"event_time": "2026-01-15T14:45:00Z", "amount": 500}'
done | scripts/kafka console-producer --bootstrap-server localhost:9092 --topic deposits
scripts/kafka console-consumer --bootstrap-server localhost:9092 --topic deposits --group deposits-loader \\
  --from-beginning --max-messages 4 >read.log
sluice simulate --listen 127.0.0.1:8080 >api.log &
export API_TOKEN=simulator-token
cat >sluice.yaml <<'END'
kafka: {brokers: [localhost:9092]}
admin: {listen: "127.0.0.1:9464"}
targets:
  api:
    base_url: http://127.0.0.1:8080/apigw/ingest
    auth: {type: hkdf_hmac, token: "${env:API_TOKEN}", account_id: demo-account, workspace_id: demo-workspace}
pipelines:
  deposits:
    topics: [deposits]
    group: deposits-loader
    target: api
    path: /events/deposit
    dead_letter: {topic: deposits-dlq}
END
"""


class Migration(Walk):
    def test_it_goes_on_where_the_program_before_was(self):
        self.has_kafkas_tools()
        self.prepare(BEFORE)
        self.assertEqual(self.walk("migration/README.md", lambda block: block.note.startswith("run")), 3)


del Walk  # it has no tests of its own

if __name__ == "__main__":
    unittest.main()
