export * from './contract.ts';
export { createSandbox, type SandboxOptions } from './create.ts';
export { baseEnvironment, gitSettings } from './isolation/environment.ts';
export { SANDBOX_UID } from './isolation/identity.ts';
export { DEFAULT_LIMITS } from './isolation/limits.ts';
export { type Probe, probe } from './isolation/probe.ts';
