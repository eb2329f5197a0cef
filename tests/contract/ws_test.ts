import { ws } from "../../plugins/ws/mod.ts";
import { transportContract } from "./transport_contract.ts";

transportContract("ws", ws, { wholeMessagesOnly: true });
