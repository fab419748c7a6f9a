package ledger

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

func get(h http.Handler, method, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "http://record.example.org/", nil)
	if u, err := url.Parse(path); err == nil {
		r.URL.Path, r.URL.RawPath = u.Path, u.RawPath
	} else {
		r.URL.Path = path
	}
	for k := 0; k < len(header); k += 2 {
		r.Header.Add(header[k], header[k+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, testOptions(t, db))
		varied(t, l)
		h := l.Handler()
		for _, c := range []struct {
			path           string
			status, length int // a length of -1 is not compared
			content, cache string
		}{
			{"/log/checkpoint", 200, len(l.Head(t.Context()).Note), "text/plain; charset=utf-8", "public, max-age=1"},
			{"/log/key", 200, len(l.Verifier()) + 1, "text/plain; charset=utf-8", "public, max-age=60"},
			{"/log/tile/0/000", 200, 8192, "application/octet-stream", forEver},
			{"/log/tile/0/001.p/37", 200, 37 * 32, "application/octet-stream", forEver},
			{"/log/tile/0/001.p/1", 200, 32, "application/octet-stream", forEver},
			{"/log/tile/0/000.p/255", 200, 255 * 32, "application/octet-stream", forEver},
			{"/log/tile/1/000.p/1", 200, 32, "application/octet-stream", forEver},
			{"/log/tile/entries/000", 200, -1, "application/octet-stream", forEver},
			{"/log/tile/entries/001.p/37", 200, -1, "application/octet-stream", forEver},
			{"/log/text/000", 200, -1, "application/x-ndjson", ask},
			{"/log/entry/292", 200, -1, "application/json", ask},

			{"/log/tile/0/001.p/38", 404, -1, "", "no-store"}, // beyond the published size
			{"/log/tile/0/001", 404, -1, "", "no-store"},
			{"/log/tile/0/002.p/1", 404, -1, "", "no-store"},
			{"/log/tile/1/000", 404, -1, "", "no-store"},
			{"/log/tile/2/000.p/1", 404, -1, "", "no-store"},
			{"/log/tile/63/000.p/1", 404, -1, "", "no-store"},
			{"/log/tile/entries/001.p/38", 404, -1, "", "no-store"},
			{"/log/tile/entries/x999/x999/x999/x999/999", 404, -1, "", "no-store"},
			{"/log/tile/63/x999/x999/x999/x999/999", 404, -1, "", "no-store"},
			{"/log/entry/293", 404, -1, "", "no-store"},
			{"/log/entry/9223372036854775807", 404, -1, "", "no-store"},
			{"/log/nothing", 404, -1, "", "no-store"},
			{"/log", 404, -1, "", "no-store"},
			{"/", 404, -1, "", "no-store"},

			{"/log/tile/0/0", 400, -1, "", "no-store"},
			{"/log/tile/0/0000", 400, -1, "", "no-store"},
			{"/log/tile/00/000", 400, -1, "", "no-store"},
			{"/log/tile/64/000", 400, -1, "", "no-store"},
			{"/log/tile/-1/000", 400, -1, "", "no-store"},
			{"/log/tile/+1/000", 400, -1, "", "no-store"},
			{"/log/tile/0/x000", 400, -1, "", "no-store"},
			{"/log/tile/0/x000/000", 400, -1, "", "no-store"},
			{"/log/tile/0/000.p/0", 400, -1, "", "no-store"},
			{"/log/tile/0/000.p/256", 400, -1, "", "no-store"},
			{"/log/tile/0/000.p/01", 400, -1, "", "no-store"},
			{"/log/tile/0/000.p/", 400, -1, "", "no-store"},
			{"/log/tile/0/000/", 400, -1, "", "no-store"},
			{"/log/tile/0//000", 400, -1, "", "no-store"},
			{"/log/tile/0", 400, -1, "", "no-store"},
			{"/log/tile/0/x9/x999/x999/x999/x999/999", 400, -1, "", "no-store"},
			{"/log/tile/data/000", 400, -1, "", "no-store"},
			{"/log/tile/0/000%2ep/1", 400, -1, "", "no-store"},
			{"/log/tile/0/%30%30%30", 400, -1, "", "no-store"}, // an address has one spelling
			{"/log/tile/0/../0/000", 400, -1, "", "no-store"},
			{"/log/entry/01", 400, -1, "", "no-store"},
			{"/log/entry/-1", 400, -1, "", "no-store"},
			{"/log/entry/9223372036854775808", 400, -1, "", "no-store"},
			{"/log/entry/", 400, -1, "", "no-store"},
			{"/log/text/٠٠٠", 400, -1, "", "no-store"},
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				w := get(h, method, c.path)
				if w.Code != c.status || w.Header().Get("Cache-Control") != c.cache {
					t.Errorf("%s %s: %d %s", method, c.path, w.Code, w.Header())
					continue
				}
				if c.status != 200 {
					continue
				}
				if c.content != "" && w.Header().Get("Content-Type") != c.content {
					t.Errorf("%s: %s", c.path, w.Header())
				}
				length := w.Header().Get("Content-Length")
				if c.length >= 0 && length != fmt.Sprint(c.length) || (w.Body.Len() == 0) != (method == http.MethodHead) {
					t.Errorf("%s %s: length %s, body %d", method, c.path, length, w.Body.Len())
				}
			}
		}
		if w := get(h, http.MethodPost, "/log/checkpoint"); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST: %d %s", w.Code, w.Header())
		}
	})
}

func TestHandlerCompresses(t *testing.T) {
	l := onSQLite(t)
	growTo(t, l, 300)
	h := l.Handler()
	for _, c := range []struct {
		accept string
		gzip   bool
	}{
		{"", false}, {"gzip", true}, {"identity", false}, {"br, GZIP;q=0.5", true}, {"gzip;q=0", false},
		{"*", true}, {"*;q=0", false}, {"gzip;q=0, *", false}, {"deflate,gzip ; q=1", true}, {"gzip;q=x", false},
	} {
		for _, path := range []string{"/log/tile/entries/000", "/log/text/000"} {
			plain := get(h, http.MethodGet, path)
			w := get(h, http.MethodGet, path, "Accept-Encoding", c.accept)
			if (w.Header().Get("Content-Encoding") == "gzip") != c.gzip || w.Header().Get("Vary") != "Accept-Encoding" {
				t.Errorf("%q: %s", c.accept, w.Header())
				continue
			}
			body := w.Body.Bytes()
			if c.gzip {
				body = must(io.ReadAll(must(gzip.NewReader(w.Body))))
			}
			if !bytes.Equal(body, plain.Body.Bytes()) {
				t.Errorf("%q: another body", c.accept)
			}
		}
	}
	if w := get(h, http.MethodGet, "/log/tile/0/000", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "" {
		t.Error("hashes are compressed")
	}
}

// A bundle of large texts is sent in parts, and one that breaks off does not look whole.
func TestHandlerOfLargeTexts(t *testing.T) {
	l := onSQLite(t)
	large := sample(0)
	large.Text = []byte(`"` + strings.Repeat("\\u0001<é", 40_000) + `"`)
	var batch []Entry
	for range 20 {
		batch = append(batch, large)
	}
	enter(t, l, batch...)
	settleAll(t, l)
	server := httptest.NewServer(l.Handler())
	defer server.Close()
	r, err := Verify(t.Context(), must(HTTP(server.URL, nil)), verifyOptions(l))
	if err != nil || !r.Verified || r.Texts != 20 {
		t.Fatal(r, err)
	}
	e := must(l.Entry(t.Context(), 17))
	err = l.o.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec("delete from log_text where id = $1", string(e.Leaf.ID))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := must(HTTP(server.URL, nil)).Fetch(t.Context(), "log/text/000.p/20"); err == nil {
		t.Error("a bundle that broke off was taken")
	}
	res := must(http.Get(server.URL + "/log/entry/17"))
	body := must(io.ReadAll(res.Body))
	res.Body.Close()
	if res.StatusCode != http.StatusInternalServerError || strings.Contains(string(body), "log_text") {
		t.Errorf("%s: %s", res.Status, body)
	}
}

// The page of one entry is all that is needed to check it, by the steps of docs/formats/record.md.
func TestEntryPage(t *testing.T) {
	l := onSQLite(t)
	varied(t, l)
	for index := range int64(293) {
		w := get(l.Handler(), http.MethodGet, fmt.Sprintf("/log/entry/%d", index))
		var page struct {
			Index, Size    int64
			Leaf           string
			Proof          []string
			Checkpoint, ID string
			Salt           string
			Text           *string
			Withdrawn      *Notice
			Sealed         bool
		}
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		leaf := must(base64.StdEncoding.DecodeString(page.Leaf))
		tree := must(openCheckpoint([]byte(page.Checkpoint), l.o.Key.verifier))
		if page.Index != index || page.Size != 293 || tree.N != 293 || !foldProof(page.Proof, index, tree, leaf) {
			t.Fatalf("entry %d is not proven: %s", index, w.Body)
		}
		f := must(ParseLeaf(leaf))
		switch {
		case string(f.ID) != page.ID:
			t.Errorf("entry %d: id %s, leaf %s", index, page.ID, f.ID)
		case page.Text != nil && DigestOf(must(base64.StdEncoding.DecodeString(page.Salt)), []byte(*page.Text)) != f.Digest:
			t.Errorf("entry %d: its text does not give the digest", index)
		case (page.Withdrawn != nil) != (index == 5), page.Sealed != (index == 291), (page.Text == nil) != (index == 5 || index == 291):
			t.Errorf("entry %d: %s", index, w.Body)
		}
	}
}

// foldProof is step 5 of "Checking one entry", to the letter.
func foldProof(proof []string, index int64, tree tlog.Tree, leaf []byte) bool {
	f, s, r := index, tree.N-1, tlog.RecordHash(leaf)
	for _, text := range proof {
		p := tlog.Hash(must(base64.StdEncoding.DecodeString(text)))
		if s == 0 {
			return false
		}
		if f%2 == 1 || f == s {
			r = tlog.NodeHash(p, r)
			for f%2 == 0 && f != 0 {
				f, s = f/2, s/2
			}
		} else {
			r = tlog.NodeHash(r, p)
		}
		f, s = f/2, s/2
	}
	return s == 0 && r == tree.Hash
}
