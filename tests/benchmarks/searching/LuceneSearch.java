import java.io.*;
import java.lang.management.*;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.*;
import org.apache.lucene.index.*;
import org.apache.lucene.search.*;
import org.apache.lucene.store.*;

/** Indexes tab-separated letters, then answers tab-separated questions and prints microseconds of CPU and totals of each. */
public class LuceneSearch {
    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();

    public static void main(String[] args) throws IOException {
        Analyzer german = new GermanAnalyzer(org.apache.lucene.analysis.CharArraySet.EMPTY_SET);
        Directory folder = new MMapDirectory(Path.of(args[0]));
        try (IndexWriter writer = new IndexWriter(folder, new IndexWriterConfig(german).setRAMBufferSizeMB(64));
                BufferedReader letters = Files.newBufferedReader(Path.of(args[1]))) {
            for (String line; (line = letters.readLine()) != null; ) {
                String[] parts = line.split("\t", 4);
                Document letter = new Document();
                letter.add(new StringField("document", parts[0], Field.Store.YES));
                letter.add(new StringField("office", parts[1], Field.Store.NO));
                letter.add(new TextField("text", parts[2] + "\n" + parts[3], Field.Store.YES));
                writer.addDocument(letter);
            }
        }
        try (DirectoryReader reader = DirectoryReader.open(folder)) {
            IndexSearcher searcher = new IndexSearcher(reader);
            List<String> questions = Files.readAllLines(Path.of(args[2]));
            int rounds = Integer.parseInt(args[3]);
            for (int round = 0; round <= rounds; round++) {
                for (String line : questions) {
                    String[] words = line.split("\t");
                    long begun = THREAD.getCurrentThreadCpuTime();
                    Query query = query(words, german);
                    TopDocs found = searcher.search(query, new TopScoreDocCollectorManager(20, Integer.MAX_VALUE));
                    for (ScoreDoc hit : found.scoreDocs) searcher.storedFields().document(hit.doc).get("text");
                    long micros = (THREAD.getCurrentThreadCpuTime() - begun) / 1000;
                    if (round == rounds) System.out.println(words[0] + "\t" + micros + "\t" + found.totalHits.value());
                }
            }
        }
    }

    private static Query query(String[] words, Analyzer german) throws IOException {
        BooleanQuery.Builder all = new BooleanQuery.Builder();
        all.add(new TermQuery(new Term("office", "poststelle")), BooleanClause.Occur.FILTER);
        if (words[0].equals("phrase")) {
            PhraseQuery.Builder phrase = new PhraseQuery.Builder();
            for (int place = 1; place < words.length; place++) phrase.add(new Term("text", stem(words[place], german)));
            all.add(phrase.build(), BooleanClause.Occur.MUST);
        } else {
            for (int place = 1; place < words.length; place++)
                all.add(new TermQuery(new Term("text", stem(words[place], german))), BooleanClause.Occur.MUST);
        }
        return all.build();
    }

    private static String stem(String word, Analyzer german) throws IOException {
        try (TokenStream words = german.tokenStream("text", word)) {
            CharTermAttribute term = words.addAttribute(CharTermAttribute.class);
            words.reset();
            String found = words.incrementToken() ? term.toString() : word;
            words.end();
            return found;
        }
    }
}
