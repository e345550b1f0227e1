/** Where a policy is to hold: values, or CloudFormation's words for them. */
export interface Place {
  readonly partition: string;
  readonly accountId: string;
}

/** One statement of a policy, as IAM spells it. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action?: readonly string[];
  readonly NotAction?: readonly string[];
  readonly Resource?: string | readonly string[];
  readonly NotResource?: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export const documentOf = <S>(statements: readonly S[]) => ({ Version: "2012-10-17", Statement: statements });

/** The ARN of something in the account's own IAM, e.g. of `role/*`. */
export const iamArn = ({ partition, accountId }: Place, resource: string): string =>
  `arn:${partition}:iam::${accountId}:${resource}`;
