// A specialist procedure over Kafka: takes what is delivered, acknowledges it under its own number, answers by letter.
//     java -cp 'target/dependency/*' Procedure.java settings.json      (after: mvn dependency:copy-dependencies)
// It may be killed at any moment: ids and its own number are made from the delivery, so a repeat changes nothing.
import com.fasterxml.jackson.databind.*;
import java.net.URI; import java.net.http.*; import java.nio.file.*; import java.time.Duration; import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.*;

public class Procedure {
  static final ObjectMapper JSON = new ObjectMapper();
  static JsonNode said; static String name; static Path inbox; static Producer<String, byte[]> producer; // fields of `said`: docs/procedures.md
  static String secret(String file) throws Exception { return Files.readString(Path.of(said.get(file).asText())).trim(); }
  static String topic(String box) { return said.path("prefix").asText("") + "procedures." + name + "." + box; }
  static String idOf(String text) { return UUID.nameUUIDFromBytes((name + "/" + text).getBytes()).toString(); } // a repeat has it too
  static void keep(String file, byte[] content) throws Exception { // whole or not at all
    Path fresh = Files.write(inbox.resolve("." + file + ".new"), content);
    Files.move(fresh, inbox.resolve(file), StandardCopyOption.ATOMIC_MOVE); }
  static byte[] ask(String method, String path, byte[] body, String... headers) throws Exception {
    var request = HttpRequest.newBuilder(URI.create(said.get("url").asText() + path)).header("Authorization", "Bearer " + secret("key_file"));
    if (headers.length > 0) request.headers(headers);
    var answer = HttpClient.newHttpClient().send(request.method(method, HttpRequest.BodyPublishers.ofByteArray(body)).build(), HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() >= 300) throw new IllegalStateException(path + ": " + answer.statusCode() + " " + new String(answer.body()));
    return answer.body(); }
  static void tell(String kind, String id, Map<String, String> data) throws Exception {
    var told = new ProducerRecord<>(topic("outbox"), id, JSON.writeValueAsBytes(data));
    Map.of("content-type", "application/json", "ce_specversion", "1.0", "ce_id", id, "ce_source", "/" + name,
      "ce_type", "poststelle.procedure." + kind + ".v1").forEach((key, value) -> told.headers().add(new RecordHeader(key, value.getBytes())));
    producer.send(told).get(); }
  static void deliver(String delivery, String file, String path) throws Exception {
    if (Files.exists(inbox.resolve(delivery))) return;
    byte[] original = ask("GET", path, new byte[0]);
    String number = "BV-2026-" + idOf(delivery).substring(0, 8); // a real one takes the number of its own case
    tell("acknowledged", idOf(delivery + "/acknowledged"), Map.of("delivery", delivery, "reference_key", number));
    Path uploaded = inbox.resolve(delivery + ".upload.json"); // else a repeat would submit another upload under the same id
    if (!Files.exists(uploaded)) keep(uploaded.getFileName().toString(), ask("POST", "/api/v1/procedures/" + name + "/uploads",
      ("Bescheid zu Ihrem Schreiben\n\nUnser Zeichen: " + number + "\n").getBytes(), "Content-Type", "text/plain", "Content-Disposition", "attachment; filename=\"bescheid.txt\""));
    JsonNode upload = JSON.readTree(uploaded.toFile()); String submission = idOf(delivery + "/answer");
    tell("submitted", submission, Map.of("submission", submission, "upload", upload.get("upload").asText(), "sha256", upload.get("sha256").asText(), "file", file, "reference_key", number));
    keep(delivery, original); } // last: what lies here was answered
  public static void main(String[] words) throws Exception {
    said = JSON.readTree(Path.of(words[0]).toFile()); name = said.get("name").asText();
    inbox = Files.createDirectories(Path.of(said.get("folder").asText(), "in"));
    String user = said.get("username").asText(), brokers = said.get("brokers").toString().replaceAll("[\\[\\]\"]", "");
    Map<String, Object> own = Map.of("bootstrap.servers", brokers, "security.protocol", "SASL_SSL", "ssl.truststore.type", "PEM", "ssl.truststore.location", said.get("ca_file").asText(),
      "sasl.mechanism", "SCRAM-SHA-512", "group.id", user, "enable.auto.commit", false, "auto.offset.reset", "earliest", "allow.auto.create.topics", false, "sasl.jaas.config",
      "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user + "\" password=\"" + secret("password_file") + "\";");
    producer = new KafkaProducer<>(own, new StringSerializer(), new ByteArraySerializer());
    try (var consumer = new KafkaConsumer<>(own, new StringDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(topic("inbox")));
      while (true) for (var message : consumer.poll(Duration.ofSeconds(60))) {
        var facts = JSON.readTree(message.value()); var kind = new String(message.headers().lastHeader("ce_type").value());
        if (kind.equals("poststelle.procedure.delivered.v1")) deliver(facts.get("delivery").asText(), facts.get("file").asText(), facts.get("content_path").asText());
        else if (kind.equals("poststelle.procedure.tested.v1")) tell("acknowledged", idOf(facts.get("delivery").asText()), Map.of("delivery", facts.get("delivery").asText()));
        else if (kind.startsWith("poststelle.submission.")) keep(facts.get("submission").asText() + ".json", message.value());
        consumer.commitSync(Map.of(new TopicPartition(message.topic(), message.partition()), new OffsetAndMetadata(message.offset() + 1)));
      } } } }
