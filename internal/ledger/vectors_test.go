package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store/storetest"
)

var update = flag.Bool("update", false, "write testdata/vectors.json and testdata/copy anew")

// vectors are for other implementations of docs/formats/record.md. Bytes are base64.
type vectors struct {
	About      string        `json:"about"`
	Secret     string        `json:"secret"`
	Key        string        `json:"key"`
	Checkpoint string        `json:"checkpoint"`
	Entries    []entryVector `json:"entries"`
	Roots      []string      `json:"roots"`
	// Consistency[m] proves that the whole tree begins with the first m entries; [0] is empty.
	Consistency [][]string `json:"consistency"`
}

type entryVector struct {
	ID       ID       `json:"id"`
	Salt     string   `json:"salt"`
	Text     string   `json:"text"`
	Digest   string   `json:"digest"`
	Leaf     string   `json:"leaf"`
	LeafHash string   `json:"leaf_hash"`
	Proof    []string `json:"proof"`
	Line     string   `json:"line"`
}

func encode(hashes []tlog.Hash) []string {
	out := []string{}
	for _, h := range hashes {
		out = append(out, base64.StdEncoding.EncodeToString(h[:]))
	}
	return out
}

// TestVectors holds the committed vectors and the committed copy against what this program writes.
func TestVectors(t *testing.T) {
	ctx := t.Context()
	o := testOptions(t, storetest.SQLite(t))
	secret := must(GenerateKey(newSeeded(1), testOrigin))
	l := open(t, o)
	salts := map[ID][]byte{}
	texts := map[ID][]byte{}
	add := func(e Entry) ID {
		t.Helper()
		id := enter(t, l, e)[0]
		settleAll(t, l)
		if e.Sealed {
			salts[id], texts[id] = e.Salt, e.Text
		} else {
			entered := must(l.ByID(ctx, id))
			salts[id], texts[id] = entered.Salt, entered.Text
		}
		return id
	}
	first := add(sample(0))
	day := sample(1)
	day.At = "2026-11-23"
	add(day)
	citing := sample(2)
	citing.Text = []byte(`{"title":"Ünïcode, \"quotes\", \\ and <b>","arabic":"تهريب","astral":"🌍","separator":"` + "\u2028" + `"}`)
	citing.Cites = []ID{first}
	add(citing)
	add(Entry{Org: "sample", Type: "report.fetched", Subject: "opaque/x7k2m", At: "2026-11-24", Text: []byte(`{"sealed":true}`), Sealed: true, Salt: bytes.Repeat([]byte{7}, SaltSize)})
	gone := add(sample(4))
	citing = sample(5)
	citing.Cites = []ID{first, gone}
	add(citing)
	notice := withdraw(t, l, gone, "A sample reason: \"it named someone\" & <others>.")
	settleAll(t, l)
	n := must(l.ByID(ctx, notice))
	salts[notice], texts[notice] = n.Salt, n.Text

	head := l.Head(ctx)
	v := vectors{
		About:  "Test vectors for docs/formats/record.md. All of it is sample data; the secret signs nothing else.",
		Secret: secret, Key: l.Verifier(), Checkpoint: string(head.Note),
		Consistency: [][]string{{}}, Roots: encode([]tlog.Hash{emptyRoot()}),
	}
	var e edge
	for index := range head.Size {
		entered := must(l.Entry(ctx, index))
		h := tlog.RecordHash(entered.Bytes)
		e.append(nil, h)
		id := entered.Leaf.ID
		v.Roots = append(v.Roots, encode([]tlog.Hash{e.root()})...)
		v.Consistency = append(v.Consistency, encode(must(l.Consistency(ctx, index+1, head.Size))))
		shown := line{ID: id, Salt: entered.Salt, Text: entered.Text, Withdrawn: entered.Notice}
		proof := encode(must(l.Proof(ctx, index, head.Size)))
		v.Entries = append(v.Entries, entryVector{
			ID: id, Salt: base64.StdEncoding.EncodeToString(salts[id]), Text: string(texts[id]),
			Digest: base64.StdEncoding.EncodeToString(entered.Leaf.Digest[:]), Leaf: string(entered.Bytes),
			LeafHash: encode([]tlog.Hash{h})[0], Proof: proof,
			Line: string(bytes.TrimSuffix(must(appendLine(nil, shown)), []byte("\n"))),
		})
		if DigestOf(salts[id], texts[id]) != entered.Leaf.Digest {
			t.Errorf("entry %d: its vector does not give the digest", index)
		}
		if !foldProof(proof, index, head.Tree(), entered.Bytes) {
			t.Errorf("entry %d: its vector does not fold to the root", index)
		}
	}
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "copy")
	if err := l.WriteCopy(ctx, folder); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.RemoveAll("testdata/copy"); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS("testdata/copy", os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("testdata/vectors.json", got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := must(os.ReadFile("testdata/vectors.json")); !bytes.Equal(got.Bytes(), want) {
		t.Errorf("testdata/vectors.json is not what this program writes; if the format was meant to change, run the test with -update:\n%s", &got)
	}
	files := 0
	for _, trees := range [][2]string{{folder, "testdata/copy"}, {"testdata/copy", folder}} {
		err := fs.WalkDir(os.DirFS(trees[0]), ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			files++
			a, b := must(os.ReadFile(filepath.Join(trees[0], path))), must(os.ReadFile(filepath.Join(trees[1], path)))
			if !bytes.Equal(a, b) {
				t.Errorf("%s differs between %s and %s", path, trees[0], trees[1])
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if files != 2*5 {
		t.Errorf("the copies have %d files, want 5 each", files)
	}
	src, closing, err := OpenCopy("testdata/copy")
	if err != nil {
		t.Fatal(err)
	}
	defer closing()
	if r, err := Verify(ctx, src, VerifyOptions{Key: v.Key}); err != nil || !r.Verified || r.Size != 7 || r.Sealed != 1 || r.Withdrawn != 1 {
		t.Errorf("the committed copy: %v, %v", r, err)
	}
}
