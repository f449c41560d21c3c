"""Who may call what, as the domain's rules say it: written by hand, and never read from the proto.

    a new method: add a line. Roles: r(equester), c(oordinator), n(ational), a(uditor), o(perator).

`hides` says what happens with a resource that is not the caller's: it answers NOT_FOUND, in the very bytes
of one that does not exist, when `hides` (a function of model.py, by name) says so.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Rule:
    roles: str
    # Field of the request that names a resource; "": none.
    names: str = ""
    # Predicate of model.Model: whether the caller sees the resource named.
    sees: str = ""
    # Whether it changes something; then it has request_id.
    changes: bool = False


RULES = {
    "AccessService.GetCaller": Rule("rcnao"),
    "AccessService.CheckAccess": Rule("rcnao"),
    "AccessService.CreateCda": Rule("n", changes=True),
    "AccessService.GetCda": Rule("rcn", "name", "sees_cda"),
    "AccessService.ListCdas": Rule("rcn"),
    "AccessService.RevokeCda": Rule("n", "name", "sees_cda", changes=True),
    "AuditService.ExportAuditEvents": Rule("a"),
    "AuditService.ListAuditCheckpoints": Rule("a"),
    "AuditService.ListAuditEvents": Rule("a"),
    "AuditService.VerifyAuditTrail": Rule("a"),
    # Contacts are no secret to coordinators, and not among the names that model.py knows.
    "DirectoryService.AddContactAbsence": Rule("cn", changes=True),
    "DirectoryService.ApplyPack": Rule("n", changes=True),
    "DirectoryService.ApproveOrganization": Rule("n", "name", "sees_organization", changes=True),
    "DirectoryService.CreateContact": Rule("cn", "parent", "exists", changes=True),
    "DirectoryService.CreateDesk": Rule("n", changes=True),
    "DirectoryService.CreateOrganization": Rule("rn", changes=True),
    "DirectoryService.CreateRegion": Rule("n", changes=True),
    "DirectoryService.CreateSite": Rule("cn", changes=True),
    "DirectoryService.EndContact": Rule("cn", changes=True),
    "DirectoryService.EndSite": Rule("cn", "name", "exists", changes=True),
    "DirectoryService.BatchGetContacts": Rule("cn"),
    "DirectoryService.BatchGetDesks": Rule("rcn"),
    "DirectoryService.BatchGetOrganizations": Rule("rn"),
    "DirectoryService.BatchGetRegions": Rule("rcn"),
    "DirectoryService.BatchGetSites": Rule("rcn"),
    "DirectoryService.DiffPack": Rule("n"),
    "DirectoryService.EndDesk": Rule("n", "name", "exists", changes=True),
    "DirectoryService.EndRegion": Rule("n", "name", "exists", changes=True),
    "DirectoryService.ExportPack": Rule("n"),
    "DirectoryService.GetContact": Rule("cn"),
    "DirectoryService.GetDesk": Rule("rcn", "name", "exists"),
    "DirectoryService.GetOrganization": Rule("rn", "name", "sees_organization"),
    "DirectoryService.GetRegion": Rule("rcn", "name", "exists"),
    "DirectoryService.GetSite": Rule("rcn", "name", "exists"),
    "DirectoryService.GetSiteCapacity": Rule("cn", "name", "exists"),
    "DirectoryService.ListContacts": Rule("cn", "parent", "exists"),
    "DirectoryService.ListDesks": Rule("rcn"),
    "DirectoryService.ListOrganizations": Rule("n"),
    "DirectoryService.ListRegions": Rule("rcn"),
    "DirectoryService.ListReviewReminders": Rule("cn"),
    "DirectoryService.ListSites": Rule("rcn"),
    "DirectoryService.WatchDirectory": Rule("rcn"),
    "DirectoryService.MarkSiteReviewed": Rule("cn", "name", "exists", changes=True),
    "DirectoryService.RemoveContactAbsence": Rule("cn", changes=True),
    "DirectoryService.SetCapacityMonths": Rule("cn", "name", "exists", changes=True),
    "DirectoryService.SuspendOrganization": Rule("n", "name", "sees_organization", changes=True),
    "DirectoryService.UpdateContact": Rule("cn", changes=True),
    "DirectoryService.UpdateDesk": Rule("cn", "desk.name", "exists", changes=True),
    "DirectoryService.UpdateOrganization": Rule("rn", "organization.name", "sees_organization", changes=True),
    "DirectoryService.UpdateRegion": Rule("cn", "region.name", "exists", changes=True),
    "DirectoryService.UpdateSite": Rule("cn", "site.name", "exists", changes=True),
    "DirectoryService.UpdateSiteCapacity": Rule("cn", "capacity.name", "exists", changes=True),
    "FeasibilityService.AssessTrialRequest": Rule("rn"),
    "FeasibilityService.CompareTrialRequests": Rule("rn"),
    "FeasibilityService.GetFeasibilityReport": Rule("rcn", "name", "sees_request"),
    "FeasibilityService.PlanPortfolio": Rule("rn"),
    "FeasibilityService.ReplayFeasibilityReport": Rule("na", "name", "replays"),
    "OperatorService.Backup": Rule("o"),
    "OperatorService.Drain": Rule("o"),
    "OperatorService.GetServerStatus": Rule("o"),
    "OperatorService.SetLogLevel": Rule("o"),
    "PeopleService.ErasePerson": Rule("n", changes=True),
    "PeopleService.ExportPerson": Rule("n"),
    "ReferralService.AcknowledgeReferral": Rule("cn", "name", "works_on", changes=True),
    "ReferralService.AnswerReferral": Rule("cn", "name", "works_on", changes=True),
    "ReferralService.AskRequester": Rule("cn", "name", "works_on", changes=True),
    "ReferralService.DeclineReferral": Rule("cn", "name", "works_on", changes=True),
    "ReferralService.GetReferral": Rule("rcn", "name", "sees_referral"),
    "ReferralService.GetReferralSite": Rule("cn", "name", "works_on_line"),
    "ReferralService.ListReferralSites": Rule("cn", "parent", "works_on"),
    "ReferralService.RecordAuthorityWord": Rule("cn", "name", "works_on", changes=True),
    "ReferralService.ReplyToReferral": Rule("rcn", "name", "replies_to", changes=True),
    "ReferralService.UpdateReferralSite": Rule(
        "cn", "referral_site.name", "works_on_line", changes=True),
    "ReferralService.WaitForAuthority": Rule("cn", "name", "works_on", changes=True),
    "ReferralService.WatchReferrals": Rule("rcn", "parent", "sees_request"),
    "ReferralService.HandOverReferral": Rule("cn", "name", "works_on", changes=True),
    "ReferralService.ListReferrals": Rule("rcn", "parent", "sees_request"),
    "TrialRequestService.AddReferral": Rule("n", "name", "sees_request", changes=True),
    "TrialRequestService.ConfirmTrialRequest": Rule("rn", "name", "decides", changes=True),
    "TrialRequestService.GetCollatedAnswer": Rule("rcn", "name", "decides"),
    "TrialRequestService.GetTrialRequest": Rule("rcn", "name", "sees_request"),
    "TrialRequestService.ImportStudyRecord": Rule("rcn"),
    "TrialRequestService.ListTrialRequests": Rule("rcn"),
    "TrialRequestService.SubmitTrialRequest": Rule("rcn", changes=True),
    "TrialRequestService.WatchTrialRequest": Rule("rcn", "name", "sees_request"),
    "TrialRequestService.WithdrawTrialRequest": Rule("rcn", "name", "decides", changes=True),
}
