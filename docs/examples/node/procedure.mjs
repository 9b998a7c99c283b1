// A specialist procedure over Kafka: takes what is delivered, acknowledges it under its own number, answers by letter.
//     node procedure.mjs settings.json
// It may be killed at any moment: ids and its own number are made from the delivery, so a repeat changes nothing.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { Kafka, logLevel } from "kafkajs";

const said = JSON.parse(readFileSync(process.argv[2], "utf8")); // the names of its fields: docs/procedures.md
const secret = (file) => readFileSync(file, "utf8").trim();
const topic = (box) => `${said.prefix ?? ""}procedures.${said.name}.${box}`;
const inbox = `${said.folder}/in`;
mkdirSync(inbox, { recursive: true });
const kafka = new Kafka({
  clientId: said.name, brokers: said.brokers, logLevel: logLevel.ERROR, ssl: { ca: [secret(said.ca_file)] },
  sasl: { mechanism: "scram-sha-512", username: said.username, password: secret(said.password_file) },
});
const producer = kafka.producer({ allowAutoTopicCreation: false });
const consumer = kafka.consumer({ groupId: said.username, allowAutoTopicCreation: false });

const idOf = (text) => createHash("sha256").update(`${said.name}/${text}`).digest("hex").slice(0, 32) // a UUID
  .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, "$1-$2-5$3-8$4-$5"); // that a repeat has too
const keep = (name, content) => { // whole or not at all
  writeFileSync(`${inbox}/.${name}.new`, content);
  renameSync(`${inbox}/.${name}.new`, `${inbox}/${name}`);
};
async function ask(method, path, body, headers = {}) {
  const authorization = `Bearer ${secret(said.key_file)}`;
  const answer = await fetch(said.url + path, { method, body, headers: { authorization, ...headers } });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return Buffer.from(await answer.arrayBuffer());
}
const tell = (name, id, data) => producer.send({ topic: topic("outbox"), acks: -1, messages: [{
  key: id, value: JSON.stringify(data), headers: { "content-type": "application/json", ce_specversion: "1.0", ce_id: id,
    ce_source: `/${said.name}`, ce_type: `poststelle.procedure.${name}.v1`, ce_time: new Date().toISOString() } }] });
async function deliver({ delivery, file, content_path }) {
  if (existsSync(`${inbox}/${delivery}`)) return;
  const original = await ask("GET", content_path);
  const reference_key = `BV-2026-${idOf(delivery).slice(0, 8)}`; // a real one takes the number of its own case
  await tell("acknowledged", idOf(`${delivery}/acknowledged`), { delivery, reference_key });
  const letter = Buffer.from(`Bescheid zu Ihrem Schreiben\n\nUnser Zeichen: ${reference_key}\n`);
  const uploaded = `${delivery}.upload.json`; // else a repeat would submit another upload under the same id
  if (!existsSync(`${inbox}/${uploaded}`)) keep(uploaded, await ask("POST", `/api/v1/procedures/${said.name}/uploads`,
    letter, { "content-type": "text/plain", "content-disposition": 'attachment; filename="bescheid.txt"' }));
  const { upload, sha256 } = JSON.parse(readFileSync(`${inbox}/${uploaded}`, "utf8"));
  const submission = idOf(`${delivery}/answer`);
  await tell("submitted", submission, { submission, upload, sha256, file, reference_key });
  keep(delivery, original); // last: what lies here was answered
}
await Promise.all([producer.connect(), consumer.connect()]);
await consumer.subscribe({ topic: topic("inbox"), fromBeginning: true });
await consumer.run({ eachMessage: async ({ message }) => {
  const facts = JSON.parse(message.value);
  if (String(message.headers.ce_type) === "poststelle.procedure.delivered.v1") await deliver(facts);
  else if (String(message.headers.ce_type) === "poststelle.procedure.tested.v1") await tell("acknowledged", idOf(facts.delivery), facts);
  else if (facts.submission) keep(`${facts.submission}.json`, message.value); // submission.accepted or submission.refused
} });
consumer.on(consumer.events.CRASH, ({ payload }) => { // a missing right does not mend itself
  console.error(payload.error.message);
  if (!payload.restart) process.exit(1);
});
