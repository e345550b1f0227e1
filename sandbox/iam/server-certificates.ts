import { createPrivateKey, X509Certificate } from "node:crypto";
import * as z from "zod";
import { AwsError, type Operation, operation, sortBy } from "../protocol/service.ts";
import type { AccountState } from "../state.ts";
import * as shape from "./shapes.ts";
import type { ServerCertificate } from "./state.ts";

const certificateName = shape.existingName;
const pem = z.string().min(1).max(16_384);
const quota = 20;

const metadataOf = ({ name, path, id, arn, uploadedAt, expiresAt }: ServerCertificate) => ({
  Path: path,
  ServerCertificateName: name,
  ServerCertificateId: id,
  Arn: arn,
  UploadDate: uploadedAt,
  Expiration: expiresAt,
});

const find = ({ serverCertificates }: AccountState, name: string): ServerCertificate => {
  const found = serverCertificates.get(name.toLowerCase());
  if (found?.name !== name) throw shape.noSuchEntity(`The Server Certificate with name ${name} cannot be found.`);
  return found;
};

const malformed = (message: string) => new AwsError("MalformedCertificate", message, 400);

/** @throws AwsError `MalformedCertificate` | `KeyPairMismatch` as IAM checks what is uploaded */
const expiryOf = (body: string, privateKey: string): Date => {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(body);
  } catch {
    throw malformed("Unable to parse certificate. Please ensure the certificate is in PEM format.");
  }
  let isPair: boolean;
  try {
    isPair = certificate.checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    throw malformed("Unable to parse key. Please ensure the key is in PEM format.");
  }
  if (!isPair) throw new AwsError("KeyPairMismatch", "The private key does not match the certificate.", 400);
  return new Date(certificate.validTo);
};

/** TLS certificates of load balancers and distributions, which people upload. */
export const serverCertificateOperations: Record<string, Operation> = {
  UploadServerCertificate: operation(
    {
      ServerCertificateName: certificateName,
      Path: shape.path.optional(),
      CertificateBody: pem,
      PrivateKey: pem,
      CertificateChain: z.string().min(1).max(2_097_152).optional(),
      Tags: shape.tagList.optional(),
    },
    (
      { account, ids, now },
      { ServerCertificateName: name, Path: path = "/", CertificateBody, PrivateKey, ...rest },
    ) => {
      if (account.serverCertificates.has(name.toLowerCase()))
        throw shape.alreadyExists(`The Server Certificate with name ${name} already exists.`);
      if (account.serverCertificates.size >= quota) throw shape.limitExceeded("ServerCertificatesPerAccount", quota);
      const expiresAt = expiryOf(CertificateBody, PrivateKey);
      const certificate: ServerCertificate = {
        name,
        path,
        id: ids.entity("ASCA"),
        arn: `arn:aws:iam::${account.id}:server-certificate${path}${name}`,
        uploadedAt: now,
        expiresAt,
        body: CertificateBody,
        ...(rest.CertificateChain !== undefined && { chain: rest.CertificateChain }),
      };
      account.serverCertificates.set(name.toLowerCase(), certificate);
      return { ServerCertificateMetadata: metadataOf(certificate), Tags: rest.Tags };
    },
  ),

  GetServerCertificate: operation({ ServerCertificateName: certificateName }, ({ account }, input) => {
    const certificate = find(account, input.ServerCertificateName);
    return {
      ServerCertificate: {
        ServerCertificateMetadata: metadataOf(certificate),
        CertificateBody: certificate.body,
        CertificateChain: certificate.chain,
      },
    };
  }),

  ListServerCertificates: operation(
    { PathPrefix: z.string().max(512).optional(), ...shape.paging },
    ({ account }, input) => {
      const certificates = sortBy(account.serverCertificates.values(), ({ name }) => name).filter(({ path }) =>
        path.startsWith(input.PathPrefix ?? "/"),
      );
      return shape.listed("ServerCertificateMetadataList", certificates, ({ name }) => name, metadataOf, input);
    },
  ),

  DeleteServerCertificate: operation({ ServerCertificateName: certificateName }, ({ account }, input) => {
    const { name } = find(account, input.ServerCertificateName);
    account.serverCertificates.delete(name.toLowerCase());
  }),
};
