package ledger

import (
	"bytes"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/tlog"
)

// Every address has one spelling: what is read is written the same, and nothing is served but with 200, 400 or 404.
func FuzzPlace(f *testing.F) {
	l := onSQLite(f)
	growTo(f, l, 300)
	h := l.Handler()
	for _, path := range []string{
		"log/checkpoint", "log/key", "log/entry/5", "log/entry/-0", "log/tile/0/000", "log/tile/0/001.p/44", "log/tile/63/x001/234",
		"log/tile/entries/000", "log/text/000", "log/text/001.p/44", "log/text/x001/234.p/255", "log/tile/0/x000/000", "log//tile", "log/tile/1/000.p/1",
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		p, err := parsePlace(path)
		if err == nil && p.path() != path {
			t.Errorf("%q is read as %+v, which is written %q", path, p, p.path())
		}
		w := get(h, http.MethodGet, "/"+path)
		if w.Code != 200 && w.Code != 400 && w.Code != 404 || (w.Code == 200) != (err == nil && p.in(300) && !strings.Contains(path, "%")) && err == nil && !strings.ContainsAny(path, "%?#") {
			t.Errorf("%q answers %d (%v)", path, w.Code, err)
		}
	})
}

// A leaf that is read has one spelling.
func FuzzLeaf(f *testing.F) {
	leaf := Leaf{ID: ID(strings.Repeat("a", 26)), Type: "a.b", Subject: "s/t-1", At: "2026-11-23"}
	f.Add(must(AppendLeaf(nil, leaf)))
	leaf.Cites = []ID{ID(strings.Repeat("b", 26)), ID(strings.Repeat("c", 26))}
	f.Add(must(AppendLeaf(nil, leaf)))
	f.Add([]byte(`{"v":1}`))
	f.Add([]byte(`{"v":1,"id":"","type":"","subject":"","at":"","digest":"","cites":[]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		leaf, err := ParseLeaf(b)
		if err != nil {
			return
		}
		again, err := AppendLeaf(nil, leaf)
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%q is read and written %q (%v)", b, again, err)
		}
	})
}

// Nothing but a checkpoint with a right signature is taken for one.
func FuzzCheckpoint(f *testing.F) {
	key := testKey(f, 1)
	good := must(signCheckpoint(key, testOrigin, tlog.Tree{N: 5, Hash: tlog.Hash{1}}))
	f.Add(good)
	f.Add(append(bytes.Clone(good), "— witness.example.org AAAAAAAA\n"...))
	f.Add(bytes.Replace(good, []byte("\n5\n"), []byte("\n05\n"), 1))
	f.Add([]byte("\n\n\n\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		_ = claimedTree(b)
		tree, err := openCheckpoint(b, key.verifier)
		if err != nil {
			return
		}
		text, _, _ := bytes.Cut(good, []byte("\n\n"))
		if !bytes.HasPrefix(b, append(text, "\n\n"...)) || tree.N != 5 {
			t.Errorf("%q is taken for a checkpoint of %v", b, tree)
		}
	})
}

// A line that is read says one thing, and the same when it is written and read again.
func FuzzLine(f *testing.F) {
	id := strings.Repeat("a", 26)
	salt := base64.StdEncoding.EncodeToString(make([]byte, SaltSize))
	f.Add([]byte(`{"id":"` + id + `","salt":"` + salt + `","text":"{}"}`))
	f.Add([]byte(`{"id":"` + id + `","withdrawn":{"notice":"x","at":"y","reason":"z"}}`))
	f.Add([]byte(`{"id":"` + id + `","sealed":true}`))
	f.Add([]byte(`{"id":"` + id + `","sealed":true,"text":""}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		n, err := parseLine(b)
		if err != nil {
			return
		}
		again, err := parseLine(bytes.TrimSuffix(must(appendLine(nil, n)), []byte("\n")))
		if err != nil || again.ID != n.ID || !bytes.Equal(again.Text, n.Text) || !bytes.Equal(again.Salt, n.Salt) || (again.Withdrawn == nil) != (n.Withdrawn == nil) {
			t.Errorf("%q is read as %+v and then as %+v (%v)", b, n, again, err)
		}
	})
}

// Whatever a source serves, a verification ends with a verdict, and with a good one only for the bytes that were
// signed.
func FuzzVerify(f *testing.F) {
	l := onSQLite(f)
	growTo(f, l, 3)
	good := copyOf(f, l)
	paths := []string{checkpointPath, "log/tile/entries/000.p/3", "log/tile/0/000.p/3", "log/text/000.p/3"}
	for k, path := range paths {
		f.Add(byte(k), good[path].Data)
		f.Add(byte(k), bytes.ReplaceAll(good[path].Data, []byte("a"), []byte("b")))
	}
	f.Fuzz(func(t *testing.T, which byte, data []byte) {
		path := paths[int(which)%len(paths)]
		files := fstest.MapFS{}
		for name, file := range good {
			files[name] = file
		}
		files[path] = &fstest.MapFile{Data: data}
		r, err := Verify(t.Context(), Files(files), VerifyOptions{Key: l.Verifier(), Pause: 1})
		if err != nil {
			t.Fatalf("no verdict: %v", err)
		}
		if !r.Verified || bytes.Equal(data, good[path].Data) {
			return
		}
		// Signatures of others may stand below ours, and JSON has several spellings.
		if path != checkpointPath && path != "log/text/000.p/3" {
			t.Errorf("%s verifies as %q", path, data)
		}
	})
}
