import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch node on loopback, in one folder: OpenSearchNode FOLDER HTTP_PORT TRANSPORT_PORT CLUSTER. */
public class OpenSearchNode {
    public static void main(String[] words) throws Exception {
        var runner = new OpenSearchRunner();
        runner.setMaxHttpPort(-1); // the runner's own limit is 9299
        runner.onBuild((number, settings) -> {
            settings.put("http.port", words[1]);
            settings.put("transport.port", words[2]);
            settings.put("network.host", "127.0.0.1");
            settings.put("node.store.allow_mmap", false);
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
            settings.put("action.auto_create_index", false); // a slip in a name must not make an index
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                runner.close();
            } catch (Exception problem) {
                System.err.println("the node did not close in order: " + problem);
            }
        }));
        runner.build(OpenSearchRunner.newConfigs().basePath(words[0]).numOfNode(1).clusterName(words[3]));
        Thread.currentThread().join();
    }
}
