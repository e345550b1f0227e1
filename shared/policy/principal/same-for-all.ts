import { rememberFor, rememberForText } from "../../remember.ts";
import { wildcardPattern } from "../../wildcard.ts";
import type { PolicyDocument, Statement } from "../language/document.ts";
import { covers, overlap } from "../language/pattern-sets.ts";
import { resolve } from "./reach.ts";

/** What `principalContext` says differently of each principal of an account, and what time says. */
const own = /^aws:(?:principalarn|username|principaltag\/.*|currenttime|epochtime|tokenissuetime)$/;

/**
 * Whether a document says the same of each of many principals: none of its resources tells one of them from another, and no
 * variable or condition asks who it is. What is found out for one of them then holds for all.
 * @param principals all of them as a pattern of ARNs: `arn:aws:iam::111122223333:role/*`
 */
export const isAlikeFor = (document: PolicyDocument, principals: string): boolean => alikeBefore(document)(principals);

const alikeBefore = rememberFor(({ statements }: PolicyDocument) =>
  rememberForText((principals) => statements.every((statement) => isAlike(statement, principals))),
);

const isAlike = ({ resources = [], notResources = [], conditions }: Statement, principals: string): boolean => {
  const all = wildcardPattern(principals);
  return (
    [...resources, ...notResources].every((resource) => {
      if (resource === "*") return true;
      if (resource.includes("${")) return false;
      const pattern = resolve(resource, nothing)?.pattern;
      return pattern !== undefined && (!overlap(pattern, all) || covers(pattern, all));
    }) &&
    Object.values(conditions).every((keys) =>
      Object.entries(keys).every(
        ([key, values]) => !own.test(key.toLowerCase()) && !values.some((value) => value.includes("${")),
      ),
    )
  );
};

const nothing = new Map<string, readonly string[]>();
