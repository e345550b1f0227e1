import { compliant, defineControl, noOptions, unknown, violation } from "../control.ts";
import { daysSince } from "./terms/age.ts";

/** A TLS certificate that was uploaded to IAM, and is good for nothing any more. */
export const serverCertificateExpired = defineControl({
  id: "server-certificate-expired",
  title: "Server certificate in IAM has expired",
  severity: "medium",
  frameworks: { cis: { "5.0": "1.18" }, securityHub: "IAM.26" },
  subjects: ["serverCertificate"],
  hints: ["iam:DeleteServerCertificate", "iam:UpdateServerCertificate", "iam:UploadServerCertificate"],
  options: noOptions,
  guidance: {
    what: "IAM holds a TLS server certificate whose time is over.",
    why: "A load balancer or distribution that is given it by mistake serves an error to everybody. One that has it already teaches people to click warnings away, which is what an attacker in between needs.",
    counts: [
      "A certificate counts from the moment that it expires. Certificates of AWS Certificate Manager are not in IAM, and are renewed by themselves.",
      "Whether something uses it is not told by IAM; the finding stays open until it is deleted.",
      "The sweep finds it on the day that it expires: no event tells of that.",
    ],
    fix: {
      cli: `# Nothing brings it back, and what still uses it may fail: look first at load balancers (elbv2, elb) and distributions, in every Region.
aws iam get-server-certificate --server-certificate-name CERTIFICATE_NAME --query ServerCertificate.ServerCertificateMetadata
aws iam delete-server-certificate --server-certificate-name CERTIFICATE_NAME`,
      cloudFormation: `# Take the AWS::IAM::ServerCertificate out of its template, and let AWS Certificate Manager renew its successor:
Resources:
  Certificate:
    Type: AWS::CertificateManager::Certificate
    Properties:
      DomainName: www.example.com
      ValidationMethod: DNS`,
      terraform: `# Remove the aws_iam_server_certificate from the configuration, and let AWS Certificate Manager renew its successor:
resource "aws_acm_certificate" "certificate" {
  domain_name       = "www.example.com"
  validation_method = "DNS"
  lifecycle {
    create_before_destroy = true
  }
}`,
    },
  },
  evaluate: ({ name, expiresAt }, { now }) => {
    const what = `Cannot tell when server certificate ${name} expires`;
    if (!expiresAt.known) return unknown(what, expiresAt.why);
    const days = daysSince(expiresAt.value, now);
    if (days === undefined) return unknown(what, "its date cannot be read");
    if (expiresAt.value.getTime() > now.getTime()) return compliant;
    const ago = days === 0 ? "today" : days === 1 ? "a day ago" : `${days} days ago`;
    return violation(`Server certificate ${name} expired ${ago}.`, { expiresAt: expiresAt.value.toISOString() });
  },
});
