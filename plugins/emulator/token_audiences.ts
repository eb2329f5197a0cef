/** For what the emulated Entra issues tokens. In Azure, too, these are no services' addresses. */

export const RESOURCE_MANAGER = "https://management.emulator.test";
export const GRAPH = "https://graph.emulator.test";
/** The VMs' sign-in service; its certificates are asked for by this and `/.default`. */
export const VM_SIGN_IN = "https://pas.emulator.test/CheckMyAccess/Linux";
