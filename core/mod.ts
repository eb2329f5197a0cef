/** All that a plugin may import, and programs that embed us: types, but for {@linkcode createApp}. */

export type {
  Account,
  AccountKind,
  Accounts,
  CurrentAccount,
  PrincipalProof,
  SignedIn,
  SignInRequest,
  UserSignIn,
} from "./auth/azure/accounts.ts";
export type {
  AccessToken,
  AzureCredential,
  CredentialProvider,
  CredentialSource,
  TokenOptions,
} from "./auth/azure/credential.ts";
export type {
  SshSignatureAlgorithm,
  SshSigner,
  VmSignIn,
  VmSignInMethod,
  VmSignInProvider,
  VmSignInRequest,
} from "./auth/vm/sign_in.ts";
export type { BastionHost } from "./azure/bastion_host.ts";
export type { Cloud } from "./azure/cloud.ts";
export type { Inventory, VirtualMachine } from "./azure/inventory.ts";
export type { Subscription } from "./azure/subscription.ts";
export type { Clock } from "./clock.ts";
export type { Place } from "./config/config_node.ts";
export type { ConfigProblem } from "./config/config_error.ts";
export type { Configuration, Setting, SettingSource } from "./config/configuration.ts";
export type {
  Check,
  CheckFinding,
  CheckResult,
  CheckSubject,
  Diagnosis,
  DiagnosisRequest,
  ProgramFacts,
} from "./doctor/check.ts";
export type { ErrorCatalogue, ErrorDefinition, ExitKind } from "./error_catalogue.ts";
export type { ErrorDescription } from "./errors.ts";
export type { Logger, LogLevel, LogRecord, LogSink } from "./logger.ts";
export type { Dialer } from "./net/dial.ts";
export type { HttpClient, HttpRequest, HttpResponse } from "./net/http_client.ts";
export type { PrivateListener } from "./net/listen_privately.ts";
export type { LocalPort } from "./net/local_port.ts";
export type { Os, Platform, ProgramStart } from "./platform.ts";
export type * from "./plugin/hooks.ts";
export type * from "./plugin/plugin.ts";
export type { Choice, Prompt, Question } from "./prompt.ts";
export type { Secret } from "./secret.ts";
export type { SpawnOptions } from "./spawn.ts";
export type { StartedProgram, StartOptions } from "./start_program.ts";
export type * from "./ssh/ssh_sessions.ts";
export type { StdioStream } from "./stdio_stream.ts";
export type { Reach, Wanted } from "./target/reach.ts";
export type { Target, TargetRequest } from "./target/target.ts";
export type { Terminal, TerminalModes, TerminalSize } from "./terminal.ts";
export type {
  ConnectionClosed,
  ConnectionFailed,
  ConnectionInfo,
  TunnelInfo,
  TunnelTotals,
} from "./tunnel/events.ts";
export type { ByteSource } from "./tunnel/adaptive_reader.ts";
export type { LocalStream } from "./tunnel/relay.ts";
export type { Channel, ChannelOptions, Transport } from "./tunnel/transport.ts";
export type { ConnectionSettings } from "./tunnel/connection_options.ts";
export type { Tunnel, TunnelEnd } from "./tunnel/tunnel.ts";
export type { ByteStream, TunnelObserver, TunnelRequest } from "./tunnel/tunnel_request.ts";
