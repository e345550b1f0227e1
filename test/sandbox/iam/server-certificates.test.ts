import { expect, test } from "vitest";
import { certificateBody, certificateExpiresAt, certificateKey, otherKey } from "../../support/certificate.ts";
import { failureOf, startSandbox } from "../support.ts";

test("server certificates live from upload to deletion, and their keys are in no record", async () => {
  const { iam, sandbox, events, accountId, account } = startSandbox();
  const named = { ServerCertificateName: "www.example.com" };
  const upload = (over: object = {}) =>
    iam.uploadServerCertificate({
      ...{ ...named, Path: "/cloudfront/", CertificateBody: certificateBody, PrivateKey: certificateKey },
      ...over,
    });
  expect(await failureOf(upload({ PrivateKey: otherKey }))).toMatchObject({ code: "KeyPairMismatch" });
  expect(await failureOf(upload({ CertificateBody: "none" }))).toMatchObject({ code: "MalformedCertificate" });
  expect(await failureOf(upload({ PrivateKey: "none" }))).toMatchObject({ code: "MalformedCertificate" });
  const { ServerCertificateMetadata: shown } = await upload();
  expect(shown).toEqual({
    ...named,
    Path: "/cloudfront/",
    ServerCertificateId: expect.stringMatching(/^ASCA\w{17}$/),
    Arn: `arn:aws:iam::${accountId}:server-certificate/cloudfront/www.example.com`,
    UploadDate: sandbox.clock.now(),
    Expiration: certificateExpiresAt,
  });
  expect(await failureOf(upload())).toMatchObject({ code: "EntityAlreadyExists" });
  expect((await iam.listServerCertificates({})).ServerCertificateMetadataList).toEqual([shown]);
  expect((await iam.listServerCertificates({ PathPrefix: "/x/" })).ServerCertificateMetadataList).toEqual([]);
  expect((await iam.getAccountSummary({})).SummaryMap).toMatchObject({ ServerCertificates: 1 });
  const { ServerCertificate } = await iam.getServerCertificate(named);
  expect(ServerCertificate).toMatchObject({ ServerCertificateMetadata: shown, CertificateBody: certificateBody });
  await iam.deleteServerCertificate(named);
  expect(await failureOf(iam.getServerCertificate(named))).toMatchObject({ code: "NoSuchEntity" });
  expect(account.serverCertificates.size).toBe(0);

  const text = JSON.stringify(events);
  expect(text).toContain("UploadServerCertificate");
  expect(text).not.toContain("PRIVATE KEY");
});
