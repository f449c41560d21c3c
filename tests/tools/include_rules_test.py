"""The rules of who may include whom: every rule catches its violation, and lets the rest pass."""

import unittest

from tools.lib import include_rules

ALLOWED = [
    ("common/store/memory_store.cc", "common/base/errors.h"),
    ("common/store/rocksdb_store.cc", "rocksdb/db.h"),
    ("tests/support/rocksdb_power_cut.cc", "rocksdb/file_system.h"),
    ("common/obs/metrics.cc", "prometheus/registry.h"),
    ("common/rpc/server.h", "grpcpp/server.h"),
    ("services/server/main.cc", "services/intake/trial_request_service.h"),
    ("services/intake/trial_request_service.cc", "grpcpp/grpcpp.h"),
    ("services/intake/trial_request_service.cc", "services/intake/trial_request_app.h"),
    ("services/intake/trial_request_service.cc", "trialgate/v1/trial_request_service.grpc.pb.h"),
    ("services/intake/trial_request_app.cc", "services/routing/referral_repository.h"),
    ("services/routing/referral_app.cc", "services/intake/trial_request_repository.h"),
    ("services/routing/referral_app.cc", "services/audit/event_writer.h"),
    ("services/routing/referral_app.cc", "common/base/clock.h"),
    ("services/routing/referral_repository.cc", "common/store/table.h"),
    ("services/routing/referral_repository.cc", "services/directory/desk_repository.h"),
    ("services/routing/rules.cc", "services/feasibility/report.h"),
    ("services/routing/rules.cc", "services/directory/desk.h"),
    ("services/routing/rules.cc", "common/base/civil_date.h"),
    ("services/routing/rules.cc", "trialgate/v1/referral.pb.h"),
    ("services/audit/event_writer.cc", "common/store/unit_of_work.h"),
    ("services/directory/directory_app_pack.cc", "services/directory/directory_repository.h"),
    ("services/directory/directory_projection.h", "common/store/projection.h"),
    ("services/directory/directory_projection.cc", "services/directory/directory_repository.h"),
    ("services/routing/referral_app.cc", "services/directory/directory_projection.h"),
    ("services/routing/desk_repository.h", "services/directory/directory_projection.h"),
    ("tools/cli/main.cc", "services/directory/pack.h"),
    ("tools/cli/main.cc", "grpcpp/grpcpp.h"),
    ("tests/unit/routing/rules_test.cc", "services/routing/rules.h"),
    ("tests/e2e/call_test.cc", "grpcpp/grpcpp.h"),
]

FORBIDDEN = [
    ("common/base/errors.h", "services/routing/rules.h", "common never includes services"),
    ("common/rpc/server.cc", "tools/cli/flags.h", "common never includes tools"),
    ("common/base/ids.h", "common/store/store.h", "common/base may not include common/store"),
    ("common/money/coin.h", "common/base/ids.h", "not in the table"),
    ("services/routing/referral_repository.cc", "rocksdb/db.h", "RocksDB"),
    ("common/store/table.cc", "rocksdb/db.h", "RocksDB"),
    ("services/routing/referral_app.cc", "grpcpp/grpcpp.h", "gRPC"),
    ("common/obs/metrics.cc", "grpc/grpc.h", "gRPC"),
    ("services/routing/referral_app.h", "trialgate/v1/referral.grpc.pb.h", "gRPC"),
    ("common/rpc/metrics.cc", "prometheus/counter.h", "prometheus"),
    ("services/feasibility/matcher.cc", "services/routing/rules.h", "downward"),
    ("services/directory/desk_repository.cc", "services/intake/request.h", "downward"),
    ("services/notices/template.cc", "services/intake/request.h", "downward"),
    ("services/routing/rules.cc", "services/routing/referral_repository.h", "only: noun"),
    ("services/routing/rules.cc", "services/routing/referral_app.h", "only: noun"),
    ("services/routing/rules.cc", "services/directory/directory_projection.h", "only: noun"),
    ("services/directory/directory_projection.cc", "services/directory/directory_app.h",
     "only: noun, repository"),
    ("services/directory/directory_projection.cc", "services/routing/referral.h", "downward"),
    ("services/routing/rules.cc", "common/store/store.h", "no store"),
    ("services/routing/rules.cc", "common/base/clock.h", "no store, clock"),
    ("services/routing/rules.cc", "common/base/mutex.h", "threads"),
    ("services/routing/rules.cc", "thread", "threads"),
    ("services/routing/referral_repository.cc", "services/routing/referral_app.h",
     "only: noun, repository"),
    ("services/routing/referral_app.cc", "services/intake/request_app.h", "another service"),
    ("services/routing/referral_app.cc", "services/routing/referral_service.h",
     "only: noun, repository, app"),
    ("services/routing/referral_service.cc", "services/intake/request_service.h",
     "another service"),
    ("services/routing/referral_service.cc", "services/routing/referral_repository.h",
     "only: noun, app, service"),
    ("services/audit/event_writer.cc", "services/routing/referral.h", "event writer"),
    ("services/audit/audit_app.cc", "services/server/wiring.h", "nobody includes"),
    ("services/routing/rules.cc", "tests/support/fake_clock.h", "never include tests"),
    ("services/server/main.cc", "tests/support/fake_clock.h", "only tests"),
    ("tools/cli/main.cc", "services/routing/referral_app.h", "only the pure rules"),
    ("tools/cli/main.cc", "tests/support/fake_clock.h", "only tests"),
    ("services/routing/rules.cc", "../directory/desk.h", "root"),
    ("services/routing/rules.cc", "/usr/include/thread.h", "root"),
]


class IncludeRulesTest(unittest.TestCase):

    def test_edges_of_the_architecture_are_allowed(self):
        for path, header in ALLOWED:
            with self.subTest(path=path, header=header):
                self.assertIsNone(include_rules.fault(path, header))

    def test_every_other_edge_is_refused_with_its_reason(self):
        for path, header, reason in FORBIDDEN:
            with self.subTest(path=path, header=header):
                self.assertIn(reason, include_rules.fault(path, header) or "no fault")

    def test_a_fault_names_file_line_and_header(self):
        text = '#pragma once\n  #  include "services/routing/rules.h"\n'
        self.assertEqual(
            include_rules.faults_of("common/base/ids.h", text),
            ["common/base/ids.h:2: includes services/routing/rules.h: "
             "common never includes services"])

    def test_an_include_in_a_comment_is_no_include(self):
        self.assertEqual(
            include_rules.faults_of("common/base/ids.h", '// #include "services/a/b.h"\n'), [])


if __name__ == "__main__":
    unittest.main()
