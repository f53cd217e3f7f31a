//! What `rules new` prints: a commented rule that lints and tests green as it stands, to be filled.

/// A rule file with one rule of this id.
pub fn skeleton(id: &str, area: &str) -> String {
    SKELETON.replace("@id", id).replace("@area", area)
}

const SKELETON: &str = r##"# yaml-language-server: $schema=./rule.schema.json
# Save it as a .yaml file in a folder of yours, then:
#   work365-doctor rules schema > FOLDER/rule.schema.json   (your editor then completes and checks it)
#   work365-doctor rules lint FOLDER && work365-doctor rules test FOLDER
#   work365-doctor check --rules FOLDER --snapshot FILE
area: @area
rules:
  - id: @id
    # Where the question stands: 0 who is checked, 1 tenant, 2 account, 3 enabled, 4 password, 5 sign-in, 6 consent,
    # 7 environment and licence, 8 Dataverse row, 9 row enabled, 10 roles, 11 Access Mode, 12 columns, 13 settings, 14 tidiness.
    gate: 14
    severity: medium   # blocker, high, medium, low, info
    # What a true condition means: fail (or another severity), pass (no fault there), n/a (not asked), pending/fail.
    applies: {legacy-password: fail, consent: fail, application-user: fail}
    # requires: [other-rule]       # if that fails, this question is meaningless
    # explained-by: [other-rule]   # if that fails too, this is its consequence
    # True when the fault is there. `work365-doctor rules facts` lists the facts; raw evidence is
    # section("graph.user").employeeType, and then the tests below give `sections: {graph.user: {employeeType: x}}`.
    when: subject.account.startsWith("test-")
    # What is so once the remedy is done, for `check --assume-fixed`; `rules test` tries it out.
    # cures: {roles.none: false}
    # breaks: ["What the remedy may break elsewhere."]
    title: "The account {subject.account} is a test account"
    expectation: "The account is not a test account"
    why: "Say in one to three plain sentences why this breaks Work 365."
    remedy:
      owner: work-365-administrator   # who acts: an id of rules/owners.yaml
      steps:
        - "One click path or one action a step."
      # commands:
      #   - shell: powershell         # or bash, http
      #     text: |
      #       Get-MgUser -UserId '{subject.account}' | Select-Object @{{ Name = 'Id'; Expression = {{ $_.Id }} }}
      avoid: "Say what would make it worse."
      verify: "Say how to prove that it is fixed."
      # links: ["https://learn.microsoft.com/power-platform/admin/create-users"]
    guidance:
      default: {source: "Which document decided", date: 2026-01-05}
    # At least one fail (or pending), one pass and one unknown. What is not given is unknown.
    tests:
      - {facts: {subject.account: test-1@contoso.com}, expect: fail}
      - {facts: {subject.account: svc-d365@contoso.com}, expect: pass}
      - {facts: {subject.account: {unavailable: "403"}}, expect: unknown}
"##;
