// The fields by which referrals can be listed, as referral_service.proto names them.
#ifndef TRIALGATE_SERVICES_ROUTING_REFERRAL_LIST_FIELDS_H_
#define TRIALGATE_SERVICES_ROUTING_REFERRAL_LIST_FIELDS_H_

#include "common/filter/fields.h"
#include "trialgate/v1/referral.pb.h"

namespace trialgate::routing {

// To be read of views (referral_view_repository.h), never of records. Every reader of a referral
// sees each of these fields as it is; the title is the one that desks may see without a CDA.
const filter::FieldTable<v1::Referral>& ReferralFields();

}  // namespace trialgate::routing

#endif  // TRIALGATE_SERVICES_ROUTING_REFERRAL_LIST_FIELDS_H_
