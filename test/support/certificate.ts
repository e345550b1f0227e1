/** A certificate for www.example.com, good throughout 2025. It signs itself, and nobody trusts it. */
export const certificateBody = `-----BEGIN CERTIFICATE-----
MIIBIDCBx6ADAgECAgEHMAoGCCqGSM49BAMCMBoxGDAWBgNVBAMMD3d3dy5leGFt
cGxlLmNvbTAeFw0yNTAxMDEwMDAwMDBaFw0yNjAxMDEwMDAwMDBaMBoxGDAWBgNV
BAMMD3d3dy5leGFtcGxlLmNvbTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABLB6
/4Hic6LpZmWCCeFxJQFXdjKUQ0yxSXcYbODdMuECudJnQScltGvm9qchiJVO0Ri6
b8Iyd5sxLoM+blBRFXMwCgYIKoZIzj0EAwIDSAAwRQIgappvYNQcdNAmABqZ2Wku
Y8aRlQwb4Mn91SWOgDEMAi4CIQDfH6qBasIBWnvwjBIXIuh5fQAYPe8HAf3KmZvT
tHDt+Q==
-----END CERTIFICATE-----
`;
export const certificateExpiresAt = new Date("2026-01-01T00:00:00.000Z");

/** Its key, and another that is not. Made for these tests: nothing else is sealed with them. */
export const certificateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgISdWLSnxumKdDO46
Tr0zDbCfLwoQgH/o6rO7mZg5Eq+hRANCAASwev+B4nOi6WZlggnhcSUBV3YylENM
sUl3GGzg3TLhArnSZ0EnJbRr5vanIYiVTtEYum/CMnebMS6DPm5QURVz
-----END PRIVATE KEY-----
`;
export const otherKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgWBgzf89rGaO+NH7T
1Ocn+pTBVg36vzgPzv4iAycVX5ahRANCAASjY9DNsIDDWcoEdv6XHepr5bWBgjXt
tiYTOslJ/UwwWimAl64qPEd14fVjT21tnyCWaOaJwPasEqJVFsl1FVLI
-----END PRIVATE KEY-----
`;
