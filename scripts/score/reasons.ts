const ownResource =
  "The key says whose resource is called, not who calls. In the policy of a resource that is always its own account, so that the condition is true for everybody.";
const calledVia =
  "The key says that a service passes a call on, and services do that for callers of every account. It does not say whose call it was.";
const notProvisioned =
  "What is written into a permission set reaches no account until somebody provisions it, as AWS documents. Together with the right to provision, or to assign, it is a finding.";
const undatedKey =
  "The row dates no active key, as IAM's own always do. A row that lacks what every row has is read in part; it is neither a finding nor a pass, and the keys are read live.";

/** Why we judge a case of the peer's otherwise, by the case's id. */
export const reasons: Readonly<Record<string, string>> = {
  "pw-0024":
    "The case has a customer's own policy by name alone, and a name gives nothing. A policy that could not be read makes our verdict unknown, which is told as a gap.",
  "pw-0128":
    "The action takes boundaries off users. A role is none, and takes nothing off itself; a user that has a boundary and this action is a finding.",
  "pw-0131": notProvisioned,
  "pw-0197":
    "A password policy that could not be read is told as a gap. To say nothing would look like a pass, and AWS's own default is weaker than what the check asks for.",
  "pw-0441": ownResource,
  "pw-0483": ownResource,
  "pw-0501": ownResource,
  "pw-0543": ownResource,
  "pw-0546": calledVia,
  "pw-0547": calledVia,
  "pw-0548": calledVia,
  "pw-0568":
    "Without a pattern operator the asterisk is an ordinary character. No organization has that id, so that the second value lets nobody in.",
  "pw-0600":
    "One address does narrow where calls come from. Which addresses are trusted we do not ask; for a role that everyone may assume, an address alone stays a finding all the same.",
  "pw-0625":
    "An address says from where, not who: principals of every account can call from it. We have no list of trusted addresses, and lower the severity instead.",
  "pw-0637":
    "A principal must be an asterisk or an object, and IAM takes no document with a bare ARN there. What cannot be read makes our verdict unknown, never a pass.",
  "pw-0692": notProvisioned,
  "pw-0693": notProvisioned,
  "pw-0697": undatedKey,
  "pw-0699": undatedKey,
};
