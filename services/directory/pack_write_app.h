// What applying a pack writes. Internal to this folder.
#ifndef TRIALGATE_SERVICES_DIRECTORY_PACK_WRITE_APP_H_
#define TRIALGATE_SERVICES_DIRECTORY_PACK_WRITE_APP_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/keys/key_store.h"
#include "common/store/table.h"
#include "common/store/unit_of_work.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "services/directory/directory_snapshot.h"
#include "services/directory/fault.h"
#include "services/directory/pack.h"
#include "services/directory/pack_merge.h"
#include "services/directory/person_repository.h"
#include "trialgate/v1/directory_service.pb.h"
#include "trialgate/v1/pack.pb.h"

namespace trialgate::directory {

// What became of the records of one kind.
struct RecordCounts {
  int created = 0;
  int changed = 0;
  int unchanged = 0;
  int not_in_pack = 0;
  // Invented in the pack, declared meanwhile.
  int declared_since = 0;
  // All in which the pack's differs was set by people.
  int edited_since = 0;
  // Of those that changed: something else was set by people, and stays.
  int changed_in_part = 0;
  // Persons whom the pack has still; counted besides.
  int erased_since = 0;
};

struct PackOutcome {
  v1::ApplyPackResponse response;
  // The pack as it holds from now on: of its records what the pack gives, and what people set.
  v1::Pack applied;
};

// Applies one loaded pack within one unit of work. Used once.
class PackWriter {
 public:
  // Nothing is owned; all outlive this. `directory` is as of about `work`.
  PackWriter(const JoinedPack& joined, const DirectorySnapshot& directory,
             const keys::KeyStore& keys, absl::Time now, PersonEdits* persons,
             store::UnitOfWork* work)
      : joined_(joined),
        pack_(joined.pack),
        directory_(directory),
        keys_(keys),
        now_(now),
        persons_(persons),
        work_(work) {}

  // INVALID_ARGUMENT with every fault that only the stored directory shows.
  absl::StatusOr<PackOutcome> Write();

 private:
  // A contact as it is stored, with its person's fields.
  struct StoredContact {
    v1::Contact contact;
    bool erased = false;
  };

  void Report(absl::string_view kind, const RecordCounts& counts);
  absl::Status WriteSettings();
  // Whether this pack may follow the one in force.
  void CheckSuccession(const v1::Pack& before);
  template <typename P>
  absl::Status CountNotInPack(const store::Table<P>& table, const std::vector<std::string>& names,
                              RecordCounts* counts);
  template <typename P>
  absl::Status WriteAll(absl::string_view kind, const store::Table<P>& table,
                        const google::protobuf::RepeatedPtrField<P>& records,
                        google::protobuf::RepeatedPtrField<P>* applied);
  absl::StatusOr<StoredContact> ReadContact(const store::Row<v1::Contact>& row);
  absl::Status WriteContacts();
  absl::Status WriteContact(const v1::Contact& in_pack,
                            const std::optional<store::Row<v1::Contact>>& row,
                            RecordCounts* counts);
  absl::Status WriteCapacities();
  absl::Status WriteCapacity(int index, const std::optional<store::Row<v1::SiteCapacity>>& row,
                             RecordCounts* counts);

  const JoinedPack& joined_;
  const v1::Pack& pack_;
  const DirectorySnapshot& directory_;
  const keys::KeyStore& keys_;
  const absl::Time now_;
  PersonEdits* const persons_;
  store::UnitOfWork* const work_;
  bool kept_ = false;
  Faults faults_;
  PackOutcome outcome_;
};

}  // namespace trialgate::directory

#endif  // TRIALGATE_SERVICES_DIRECTORY_PACK_WRITE_APP_H_
