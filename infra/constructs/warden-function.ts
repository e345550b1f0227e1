import { fileURLToPath } from "node:url";
import type { Duration } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import {
  Charset,
  type ICommandHooks,
  NodejsFunction,
  OutputFormat,
  SourceMapMode,
} from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { functionRoleName } from "../names.ts";
import { bundledSettingsName } from "../settings-file.ts";

export interface WardenFunctionProps {
  /** The file in `functions/`, without its ending. */
  readonly entry: string;
  readonly description: string;
  readonly timeout: Duration;
  /** MiB. */
  readonly memorySize: number;
  readonly environment: Readonly<Record<string, string>>;
  /** How often Lambda itself repeats an asynchronous invocation that failed. Absent: twice, as is its default. */
  readonly retryAttempts?: number;
  /** A file of settings, as JSON, that goes into the bundle. */
  readonly bundledSettings?: string | undefined;
}

const root = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * A function of `functions/`, bundled with everything it imports, the AWS SDK included, so that what was tested is what
 * runs. Its role may write to its own log group and nothing else until it is granted more.
 */
export class WardenFunction extends NodejsFunction {
  /** The file in `functions/`, without its ending. */
  readonly entry: string;

  constructor(scope: Construct, id: string, { entry, environment, bundledSettings, ...props }: WardenFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, { retention: RetentionDays.THREE_MONTHS });
    const role = new Role(scope, `${id}Role`, {
      roleName: functionRoleName(entry), // The roles in the members trust it by its name.
      assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    );
    super(scope, id, {
      ...props,
      entry: root(`functions/${entry}.ts`),
      projectRoot: root(""),
      depsLockFilePath: root("package-lock.json"),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      role,
      logGroup,
      environment: {
        ...environment,
        ...(bundledSettings !== undefined && { SETTINGS_FILE: `/var/task/${bundledSettingsName}` }),
        NODE_OPTIONS: "--enable-source-maps",
        POWERTOOLS_LOG_LEVEL: "INFO",
      },
      bundling: {
        format: OutputFormat.ESM,
        target: "node24",
        mainFields: ["module", "main"],
        minify: true,
        charset: Charset.UTF8,
        sourceMap: true,
        sourceMapMode: SourceMapMode.DEFAULT,
        sourcesContent: false,
        externalModules: [],
        esbuildArgs: { "--alias:@aws-sdk/credential-provider-node": root("shared/aws/environment-credentials.ts") },
        // The SDK's CommonJS parts `require` Node's own modules, which an ES module has to be given.
        ...(bundledSettings !== undefined && { commandHooks: copying(bundledSettings) }),
        banner: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
    });
    this.entry = entry;
  }
}

const copying = (file: string): ICommandHooks => ({
  beforeBundling: () => [],
  beforeInstall: () => [],
  afterBundling: (_inputDirectory, outputDirectory) => [`cp "${file}" "${outputDirectory}/${bundledSettingsName}"`],
});
