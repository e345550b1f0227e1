import { peerEnvironment, runPython } from "../support/peers.ts";

/** One call. A string `$name.Path.To.0.It` in the input stands for what the step saved as `name` answered there. */
export interface Step {
  readonly save?: string;
  /** `iam.create_user` */
  readonly call: string;
  readonly input?: Readonly<Record<string, unknown>>;
}

export type Answer =
  | { readonly output: unknown }
  /** `exception` is the name of the class that boto3 raised, e.g. `NoSuchEntityException`. */
  | { readonly error: { readonly code: string; readonly message: string; readonly exception: string } };

// Prints one answer for each step, in order. Dates as ISO 8601, bytes as text.
const script = `
import datetime, json, os, sys
import boto3, botocore.config
from botocore.exceptions import ClientError, ParamValidationError

task = json.load(sys.stdin)
clients, saved, answers = {}, {}, []

def client(service):
    if service not in clients:
        clients[service] = boto3.client(service, endpoint_url=task["url"], region_name="us-east-1",
            config=botocore.config.Config(parameter_validation=False, retries={"total_max_attempts": 1}))
    return clients[service]

def resolve(value):
    if isinstance(value, str) and value.startswith("$") and value[1:].split(".")[0] in saved:
        name, *path = value[1:].split(".")
        found = saved[name]
        for part in path:
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found
    if isinstance(value, dict):
        return {key: resolve(item) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item) for item in value]
    return value

def plain(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).isoformat()
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    if hasattr(value, "read"):
        return value.read().decode()
    raise TypeError(type(value))

for step in task["steps"]:
    service, name = step["call"].split(".")
    try:
        output = getattr(client(service), name)(**resolve(step.get("input", {})))
        output.pop("ResponseMetadata", None)
        if "save" in step:
            saved[step["save"]] = output
        answers.append({"output": output})
    except ClientError as error:
        answers.append({"error": {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"],
                                  "exception": type(error).__name__}})
    except (KeyError, IndexError) as error:
        answers.append({"error": {"code": "Unresolved", "message": repr(error), "exception": ""}})

json.dump(answers, sys.stdout, default=plain)
`;

/** Makes the calls, one after the other, with boto3. */
export const callWithBoto3 = async (
  url: string,
  steps: readonly Step[],
  credentials?: Parameters<typeof peerEnvironment>[0],
): Promise<readonly Answer[]> =>
  (await runPython(script, { url, steps }, peerEnvironment(credentials))) as readonly Answer[];
