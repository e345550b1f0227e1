import { unaskedTypes } from "../analyzers/access-analyzer.ts";
import type { EventPattern } from "../control.ts";
import { type CloudTrailRecord, textField } from "./record.ts";

/** What IAM Access Analyzer calls its events about findings of access from outside; its other findings have other names. */
export const findingDetailType = "Access Analyzer Finding";
export const findingSource = "aws.access-analyzer";

/** It delivers those of which findings are read. */
export const findingPattern: EventPattern = {
  source: [findingSource],
  "detail-type": [findingDetailType],
  detail: { resourceType: [{ "anything-but": [...unaskedTypes] }] },
};

/** The ARN of the resource that a record is about, if it is such an event. */
export const resourceIn = ({ eventSource, eventName, requestParameters }: CloudTrailRecord): string | undefined => {
  const type = textField(requestParameters, "resourceType");
  if (eventSource !== "access-analyzer.amazonaws.com" || eventName !== findingDetailType) return undefined;
  return unaskedTypes.some((unasked) => unasked === type) ? undefined : textField(requestParameters, "resource");
};
