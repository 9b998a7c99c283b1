// Reads an AsyncAPI document by the parser of its makers: prints what it finds, and how many channels and messages.
import { Parser, fromFile } from "@asyncapi/parser";

const { document, diagnostics } = await fromFile(new Parser(), process.argv[2]).parse();
const faults = diagnostics.filter(({ severity }) => severity < 2);
const told = faults.map(({ code, path, message }) => ({ code, path: path.join("."), message }));
const messages = document ? document.allMessages().all().map((message) => message.name()) : [];
console.log(JSON.stringify({ faults: told, channels: document ? document.channels().length : 0, messages }));
