//! The Microsoft Graph bodies, typed as far as rules judge them. Source: <https://learn.microsoft.com/graph/api/overview>.

mod account;
mod applications;
mod audit;
mod authentication;
mod directory;
mod licensing;
mod sign_in;

pub use account::{Claims, DeletedUser, Identity, Operator, PasswordProfile, RiskyUser, User};
pub use applications::{AppRoleAssignment, ApplicationCredential, PermissionGrant, ServicePrincipal};
pub use audit::{AuditActor, AuditInitiator, AuditTarget, DirectoryAudit, ModifiedProperty};
pub use authentication::{
    AuthenticationMethod, ConditionalAccessEvaluation, EvaluatedConditions, EvaluatedIdentity,
    EvaluatedPolicy, EvaluatedSignIn, HomeRealmPolicy, PerUserMfa, RegistrationDetails, SecurityDefaults,
};
pub use directory::{ActiveRole, DirectoryObject, Domain, Organization, SecurityGroupMembership};
pub use licensing::{
    AssignedLicense, AssignedPlan, LicenseAssignmentState, LicenseDetail, PrepaidUnits, ServicePlan,
    SubscribedSku, Subscription,
};
pub use sign_in::{AppliedPolicy, RequirementPolicy, SignIn, SignInLocation, SignInStatus};
