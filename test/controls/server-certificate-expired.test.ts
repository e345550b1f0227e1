import { serverCertificateExpired } from "../../shared/controls/server-certificate-expired.ts";
import { known, unknownFact } from "../../shared/facts/facts.ts";
import { describeControl } from "../support/describe-control.ts";
import { daysAgo, serverCertificateFacts } from "../support/facts.ts";

const certificate = (expiresAt: Date) => serverCertificateFacts({ expiresAt: known(expiresAt) });

describeControl(serverCertificateExpired, {
  violates: {
    "one that expires at this moment": {
      facts: certificate(daysAgo(0)),
      reason: "Server certificate www.example.com expired today.",
      evidence: { expiresAt: "2026-11-20T08:00:00.000Z" },
    },
    "one of yesterday": {
      facts: certificate(daysAgo(1)),
      reason: "Server certificate www.example.com expired a day ago.",
      evidence: { expiresAt: "2026-11-19T08:00:00.000Z" },
    },
    "one of long ago": {
      facts: certificate(daysAgo(800)),
      reason: "Server certificate www.example.com expired 800 days ago.",
      evidence: { expiresAt: "2024-09-11T08:00:00.000Z" },
    },
  },
  complies: {
    "one for another second": { facts: certificate(new Date(daysAgo(0).getTime() + 1000)) },
    "one for years": { facts: certificate(daysAgo(-700)) },
  },
  unknown: {
    "one of which IAM does not say it": {
      facts: serverCertificateFacts({ expiresAt: unknownFact("IAM answered without Expiration") }),
      reason: "Cannot tell when server certificate www.example.com expires: IAM answered without Expiration",
    },
    "a date that is none": {
      facts: certificate(new Date(Number.NaN)),
      reason: "Cannot tell when server certificate www.example.com expires: its date cannot be read",
    },
  },
});
