import { transportContract } from "./transport_contract.ts";

transportContract("webtunnel");
