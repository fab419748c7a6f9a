package ledger

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store/storetest"
)

// flip changes one bit of the byte at an offset of a file.
func flip(tb testing.TB, path string, offset int) {
	tb.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	data[offset] ^= 1
	if err := os.WriteFile(path, data, 0o644); err != nil {
		tb.Fatal(err)
	}
}

// varied is a record with everything in it: citations, notices, sealed entries, and two bundles.
func varied(tb testing.TB, l *Ledger) {
	tb.Helper()
	growTo(tb, l, 290)
	e, err := l.Entry(tb.Context(), 3)
	if err != nil {
		tb.Fatal(err)
	}
	citing := sample(290)
	citing.Cites = []ID{e.Leaf.ID}
	enter(tb, l, citing, Entry{ // 291 is sealed
		Org: "sample", Type: "report.fetched", Subject: "opaque/x2", At: "2026-11-23", Text: []byte(`1`), Sealed: true, Salt: make([]byte, SaltSize),
	})
	settleAll(tb, l)
	gone, err := l.Entry(tb.Context(), 5)
	if err != nil {
		tb.Fatal(err)
	}
	withdraw(tb, l, gone.Leaf.ID, "It named someone.") // 292
	settleAll(tb, l)
	CheckInvariant(tb, l)
}

// copyOf reads a copy into memory.
func copyOf(tb testing.TB, l *Ledger) fstest.MapFS {
	tb.Helper()
	folder := filepath.Join(tb.TempDir(), "copy")
	if err := l.WriteCopy(tb.Context(), folder); err != nil {
		tb.Fatal(err)
	}
	files := fstest.MapFS{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(folder, path))
		files[path] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

func verifyCopy(tb testing.TB, files fstest.MapFS, o VerifyOptions) *Report {
	tb.Helper()
	r, err := Verify(tb.Context(), Files(files), o)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// names tells whether a failure is about the entry.
func names(r *Report, entry int64) bool {
	return slices.ContainsFunc(r.Failures, func(f Failure) bool { return f.Entry == entry })
}

// One changed byte anywhere in a copy fails, and in the files that hold entries the failure names the entry.
func TestEveryByteOfACopyCounts(t *testing.T) {
	l := onSQLite(t)
	varied(t, l)
	good := copyOf(t, l)
	o := verifyOptions(l)
	if r := verifyCopy(t, good, o); !r.Verified || r.Size != 293 || r.Texts != 291 || r.Withdrawn != 1 || r.Sealed != 1 || r.Tiles != 3 {
		t.Fatalf("the good copy: %+v", r)
	}
	// Where in each file each entry's bytes begin, found by reading the file as the format says.
	owner := func(path string, data []byte, offset int) int64 {
		p, err := parsePlace(path)
		if err != nil {
			t.Fatal(err)
		}
		first := p.n * tileWidth
		switch p.kind {
		case kindHashes:
			return (first + int64(offset/tlog.HashSize)) << uint(p.level*tileHeight)
		case kindEntries:
			for k := first; ; k++ {
				length := 2 + int(data[0])<<8 + int(data[1])
				if offset < length {
					return k
				}
				offset -= length
				data = data[length:]
			}
		case kindText:
			return first + int64(bytes.Count(data[:offset], []byte("\n")))
		}
		return -1
	}
	step := 197 // a prime, so that all columns are met
	if testing.Short() {
		step = 1999
	}
	paths := slices.Sorted(maps.Keys(good))
	for _, path := range paths {
		if path == keyPath { // held against the given key; see TestVerifyKeys
			continue
		}
		whole := good[path].Data
		stride := step
		if len(whole) < 1000 {
			stride = 1
		}
		for offset := 0; offset < len(whole); offset += stride {
			bad := maps.Clone(good)
			data := bytes.Clone(whole)
			data[offset] ^= 1
			bad[path] = &fstest.MapFile{Data: data}
			r := verifyCopy(t, bad, o)
			if r.Verified {
				t.Fatalf("%s with byte %d changed from %q to %q verifies", path, offset, whole[offset], data[offset])
			}
			if want := owner(path, whole, offset); !names(r, want) {
				t.Fatalf("%s with byte %d changed: entry %d is not named:\n%s", path, offset, want, r)
			}
		}
	}
}

func TestVerifyNamesWhatIsMissing(t *testing.T) {
	l := onSQLite(t)
	varied(t, l)
	good := copyOf(t, l)
	for path := range good {
		if path == keyPath {
			continue
		}
		for name, change := range map[string]func([]byte) *fstest.MapFile{
			"missing": func([]byte) *fstest.MapFile { return nil },
			"empty":   func([]byte) *fstest.MapFile { return &fstest.MapFile{} },
			"cut":     func(b []byte) *fstest.MapFile { return &fstest.MapFile{Data: b[:len(b)-1]} },
			"longer":  func(b []byte) *fstest.MapFile { return &fstest.MapFile{Data: append(bytes.Clone(b), '\n')} },
			"swapped": func(b []byte) *fstest.MapFile { return &fstest.MapFile{Data: append(bytes.Clone(b), b...)} },
		} {
			bad := maps.Clone(good)
			if f := change(good[path].Data); f != nil {
				bad[path] = f
			} else {
				delete(bad, path)
			}
			if r := verifyCopy(t, bad, verifyOptions(l)); r.Verified || len(r.Failures) == 0 {
				t.Errorf("%s %s verifies", path, name)
			}
		}
	}
}

func TestVerifyListsTwenty(t *testing.T) {
	l := onSQLite(t)
	growTo(t, l, 100)
	bad := copyOf(t, l)
	path := "log/tile/0/000.p/100"
	for k := range 50 {
		bad[path].Data[k*tlog.HashSize] ^= 1
	}
	r := verifyCopy(t, bad, verifyOptions(l))
	if r.Verified || len(r.Failures) != 20 || r.More != 31 { // 50 leaves and the root
		t.Fatalf("%d failures and %d more", len(r.Failures), r.More)
	}
	if !strings.Contains(r.String(), "DOES NOT VERIFY: 51") || !strings.Contains(r.String(), "entry 19:") {
		t.Errorf("%s", r)
	}
	data, err := json.Marshal(r)
	if err != nil || !bytes.Contains(data, []byte(`"verified":false`)) || !bytes.Contains(data, []byte(`"more_failures":31`)) {
		t.Errorf("%s, %v", data, err)
	}
}

// What entries say of each other is checked beyond all hashes: these records are signed and whole, and wrong.
func TestVerifyWhatASignatureDoesNot(t *testing.T) {
	key := testKey(t, 1)
	salt := bytes.Repeat([]byte{9}, SaltSize)
	id := func(c string) ID { return ID(strings.Repeat(c, 26)) }
	text := func(id ID, reason string) []byte {
		return must(noticeText{Withdraws: id, At: "2026-11-24", Reason: reason}.marshal())
	}
	type forged struct {
		leaf  Leaf
		bytes []byte // instead of the leaf's own
		text  []byte
		line  *line // instead of the text
	}
	plain := func(c string) forged {
		return forged{leaf: Leaf{ID: id(c), Type: "a.b", Subject: "s", At: "2026-11-23"}, text: []byte(`{}`)}
	}
	withdrawn := func(c, by string) forged {
		f := plain(c)
		f.line = &line{ID: id(c), Withdrawn: &Notice{ID: id(by), At: "2026-11-24", Reason: "r"}}
		return f
	}
	notice := func(c string, cites ...ID) forged {
		f := plain(c)
		f.leaf.Type, f.leaf.At, f.leaf.Cites = "a.b.withdrawn", "2026-11-24", cites
		f.text = text(cites[0], "r")
		return f
	}
	with := func(f forged, change func(*forged)) forged { change(&f); return f }
	for name, c := range map[string]struct {
		entries []forged
		entry   int64
		problem string // empty: it verifies
	}{
		"good":                 {[]forged{plain("a"), withdrawn("b", "c"), notice("c", id("b"))}, 0, ""},
		"id twice":             {[]forged{plain("a"), plain("b"), plain("a")}, 2, "is that of entry 0"},
		"cites a later one":    {[]forged{with(plain("a"), func(f *forged) { f.leaf.Cites = []ID{id("b")} }), plain("b")}, 0, "not an earlier entry"},
		"cites nothing":        {[]forged{plain("a"), with(plain("b"), func(f *forged) { f.leaf.Cites = []ID{id("z")} })}, 1, "not an earlier entry"},
		"spelled otherwise":    {[]forged{with(plain("a"), func(f *forged) { f.bytes = []byte(`{"v":1, "id":"x"}`) })}, 0, "leaf"},
		"withdrawn, no notice": {[]forged{plain("a"), withdrawn("b", "z")}, 1, "is not in the record"},
		"withdrawn by a plain": {[]forged{plain("a"), withdrawn("b", "a")}, 1, "withdrawn by entry 0, which is not a notice"},
		"notice about another": {[]forged{withdrawn("a", "c"), withdrawn("b", "c"), notice("c", id("b"))}, 0, "about another entry"},
		"notice about two":     {[]forged{withdrawn("a", "c"), plain("b"), notice("c", id("a"), id("b"))}, 2, "cites 2 entries"},
		"text still there":     {[]forged{plain("a"), notice("b", id("a"))}, 0, "not marked as withdrawn"},
		"two notices":          {[]forged{withdrawn("a", "b"), notice("b", id("a")), notice("c", id("a"))}, 2, "names another notice"},
		"other words": {[]forged{with(withdrawn("a", "b"), func(f *forged) { f.line.Withdrawn.Reason = "other" }),
			notice("b", id("a"))}, 0, "the words about its withdrawal"},
		"other type": {[]forged{withdrawn("a", "b"), with(notice("b", id("a")), func(f *forged) { f.leaf.Type = "a.c.withdrawn" })}, 1, "does not repeat"},
		"notice not JSON": {[]forged{withdrawn("a", "b"), with(notice("b", id("a")), func(f *forged) { f.text = []byte(`{"x":1}`) })},
			1, "notice"},
		"notice kept back": {[]forged{withdrawn("a", "b"), with(notice("b", id("a")), func(f *forged) { f.line = &line{ID: id("b")} })}, 1, "sealed"},
		"notice withdrawn": {[]forged{withdrawn("a", "b"), with(notice("b", id("a")), func(f *forged) {
			f.line = &line{ID: id("b"), Withdrawn: &Notice{ID: id("a"), At: "2026-11-24", Reason: "r"}}
		})}, 1, "a notice is said to be withdrawn"},
		"sealed in public":  {[]forged{with(plain("a"), func(f *forged) { f.line = &line{ID: id("a")} })}, 0, "kept back as sealed"},
		"line of another":   {[]forged{plain("a"), with(plain("b"), func(f *forged) { f.line = &line{ID: id("a"), Salt: salt, Text: []byte("{}")} })}, 1, "the line of its text is for"},
		"text is not JSON":  {[]forged{with(plain("a"), func(f *forged) { f.text = []byte("words") })}, 0, "not JSON"},
		"salt of its own":   {[]forged{with(plain("a"), func(f *forged) { f.line = &line{ID: id("a"), Salt: make([]byte, 32), Text: []byte("{}")} })}, 0, "digest"},
		"withdrawn, public": {[]forged{withdrawn("a", "b"), with(notice("b", id("a")), func(f *forged) { f.leaf.Subject = "t" })}, 1, "does not repeat"},
	} {
		var leaves [][]byte
		var lines []byte
		for _, f := range c.entries {
			f.leaf.Digest = DigestOf(salt, f.text)
			if f.bytes == nil {
				f.bytes = must(AppendLeaf(nil, f.leaf))
			}
			if f.line == nil {
				f.line = &line{ID: f.leaf.ID, Salt: salt, Text: f.text}
			}
			leaves = append(leaves, f.bytes)
			lines = must(appendLine(lines, *f.line))
		}
		r := verifyCopy(t, sign(t, key, leaves, lines), VerifyOptions{Key: key.Verifier, Pause: 1})
		if c.problem == "" {
			if !r.Verified {
				t.Errorf("%s: %s", name, r)
			}
			continue
		}
		if r.Verified || !names(r, c.entry) || !strings.Contains(r.String(), c.problem) {
			t.Errorf("%s: want %q at entry %d, got:\n%s", name, c.problem, c.entry, r)
		}
	}
}

// sign makes a copy, of up to 255 entries, that is whole and signed whatever its leaves and lines say.
func sign(tb testing.TB, key *Key, leaves [][]byte, lines []byte) fstest.MapFS {
	tb.Helper()
	e := &edge{}
	var bundle, tile []byte
	for _, leaf := range leaves {
		bundle = append(bundle, byte(len(leaf)>>8), byte(len(leaf)))
		bundle = append(bundle, leaf...)
		h := tlog.RecordHash(leaf)
		tile = append(tile, h[:]...)
		e.append(nil, h)
	}
	part := fmt.Sprintf("000.p/%d", len(leaves))
	return fstest.MapFS{
		keyPath:                    {Data: []byte(key.Verifier + "\n")},
		checkpointPath:             {Data: must(signCheckpoint(key, key.Name(), tlog.Tree{N: e.size, Hash: e.root()}))},
		"log/tile/entries/" + part: {Data: bundle},
		"log/tile/0/" + part:       {Data: tile},
		"log/text/" + part:         {Data: lines},
	}
}

// A text that is withdrawn while someone verifies is not held against the record: its notice follows.
func TestVerifyWhileATextIsWithdrawn(t *testing.T) {
	l := onSQLite(t)
	growTo(t, l, 3)
	e := must(l.Entry(t.Context(), 1))
	withdraw(t, l, e.Leaf.ID, "It named someone.")
	server := httptest.NewServer(l.Handler())
	defer server.Close()
	src := must(HTTP(server.URL, nil))
	o := verifyOptions(l)
	r, err := Verify(t.Context(), src, o)
	if err != nil || r.Verified || !names(r, 1) {
		t.Fatalf("the notice never comes: %v, %v", r, err)
	}
	heads := 0
	catching := sourceFunc(func(ctx context.Context, path string) ([]byte, error) {
		if path == checkpointPath {
			if heads++; heads == 2 {
				settleAll(t, l)
			}
		}
		return src.Fetch(ctx, path)
	})
	if r, err = Verify(t.Context(), catching, o); err != nil || !r.Verified || r.Size != 4 {
		t.Fatalf("the notice comes: %v, %v", r, err)
	}
}

type sourceFunc func(context.Context, string) ([]byte, error)

func (f sourceFunc) Fetch(ctx context.Context, path string) ([]byte, error) { return f(ctx, path) }

func TestVerifyHasNoVerdictWithoutASource(t *testing.T) {
	l := onSQLite(t)
	growTo(t, l, 300)
	broken := errors.New("the cable is cut")
	var served []string
	files := copyOf(t, l)
	for k := range len(files) {
		n := 0
		src := sourceFunc(func(ctx context.Context, path string) ([]byte, error) {
			served = append(served, path)
			if n++; n > k {
				return nil, broken
			}
			return Files(files).Fetch(ctx, path)
		})
		// The order in which bundles are read is open, but the reads are not concurrent with each other here.
		if _, err := Verify(t.Context(), onceAtATime(src), verifyOptions(l)); !errors.Is(err, broken) {
			t.Errorf("cut after %d files: %v", k, err)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }))
	defer server.Close()
	if _, err := Verify(t.Context(), must(HTTP(server.URL, nil)), verifyOptions(l)); err == nil {
		t.Error("a gateway's error is a verdict")
	}
	for _, address := range []string{"", "record.example.org", "ftp://record.example.org", "http://", "://"} {
		if _, err := HTTP(address, nil); err == nil {
			t.Errorf("%q is taken for an address", address)
		}
	}
	if _, err := Verify(t.Context(), Files(files), VerifyOptions{Key: "nonsense"}); err == nil {
		t.Error("nonsense is taken for a key")
	}
	if _, err := Verify(t.Context(), Files(files), VerifyOptions{Remembered: []byte("nonsense")}); err == nil {
		t.Error("nonsense is taken for a checkpoint")
	}
}

func onceAtATime(s Source) Source {
	turn := make(chan struct{}, 1)
	return sourceFunc(func(ctx context.Context, path string) ([]byte, error) {
		turn <- struct{}{}
		defer func() { <-turn }()
		return s.Fetch(ctx, path)
	})
}

func TestVerifyAddresses(t *testing.T) {
	l := onSQLite(t)
	growTo(t, l, 3)
	mux := http.NewServeMux()
	mux.Handle("/log/", l.Handler())
	mux.Handle("/deep/log/", http.StripPrefix("/deep", l.Handler()))
	server := httptest.NewServer(mux)
	defer server.Close()
	for _, address := range []string{"", "/", "/log", "/log/", "/log/checkpoint", "/deep", "/deep/log/checkpoint"} {
		if r, err := Verify(t.Context(), must(HTTP(server.URL+address, nil)), verifyOptions(l)); err != nil || !r.Verified {
			t.Errorf("%s: %v, %v", address, r, err)
		}
	}
}

// Trust on first use, a changed key, a fork and a shorter log.
func TestMemory(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "keys.json")
	memory := func() *Memory { return must(OpenMemory(path)) }
	l := onSQLite(t)
	growTo(t, l, 10)
	small := copyOf(t, l)
	r, err := memory().Verify(ctx, "sample", Files(small), VerifyOptions{})
	if err != nil || !r.Verified || !r.KeyFromSource || !strings.Contains(r.String(), "compare it") {
		t.Fatalf("first visit: %v, %v", r, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	growTo(t, l, 300)
	large := copyOf(t, l)
	r, err = memory().Verify(ctx, "sample", Files(large), VerifyOptions{})
	if err != nil || !r.Verified || r.KeyFromSource || r.Continues != 10 {
		t.Fatalf("second visit: %+v, %v", r, err)
	}
	r, err = memory().Verify(ctx, "sample", Files(small), VerifyOptions{})
	if err != nil || r.Verified || !strings.Contains(r.String(), "shorter") {
		t.Errorf("a shorter log: %v, %v", r, err)
	}
	fork := func(size int64, seed byte) fstest.MapFS {
		o := testOptions(t, storetest.SQLite(t))
		o.Random, o.Key = newSeeded(77), testKey(t, seed)
		f := open(t, o)
		growTo(t, f, size)
		return copyOf(t, f)
	}
	for _, size := range []int64{300, 301, 600} {
		r, err = memory().Verify(ctx, "sample", Files(fork(size, 1)), VerifyOptions{})
		if err != nil || r.Verified || !strings.Contains(r.String(), "forked") {
			t.Errorf("a fork of %d entries: %v, %v", size, r, err)
		}
	}
	r, err = memory().Verify(ctx, "sample", Files(fork(300, 5)), VerifyOptions{})
	if err != nil || r.Verified || !strings.Contains(r.String(), "the key has changed") {
		t.Errorf("another key: %v, %v", r, err)
	}
	// A key that the caller has from elsewhere is taken before the remembered one.
	other := fork(301, 5)
	r, err = memory().Verify(ctx, "sample", Files(other), VerifyOptions{Key: testKey(t, 5).Verifier})
	if err != nil || !r.Verified {
		t.Errorf("another key, given: %v, %v", r, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenMemory(path); err == nil {
		t.Error("a damaged file is an empty memory")
	}
}

func TestVerifyKeys(t *testing.T) {
	l := onSQLite(t)
	growTo(t, l, 3)
	good := copyOf(t, l)
	with := func(key string) fstest.MapFS {
		files := maps.Clone(good)
		delete(files, keyPath)
		if key != "" {
			files[keyPath] = &fstest.MapFile{Data: []byte(key)}
		}
		return files
	}
	other := testKey(t, 9).Verifier
	for _, c := range []struct {
		name, offered, given, problem string
	}{
		{"given, none offered", "", l.Verifier(), ""},
		{"none at all", "", "", "no key to verify it with"},
		{"nonsense offered", "nonsense\n", "", "cannot be read"},
		{"other offered", other + "\n", l.Verifier(), "the key has changed"},
		{"other given", l.Verifier() + "\n", other, "signed by"},
	} {
		r := verifyCopy(t, with(c.offered), VerifyOptions{Key: c.given})
		if r.Verified != (c.problem == "") || !strings.Contains(r.String(), c.problem) {
			t.Errorf("%s: %s", c.name, r)
		}
	}
}

func TestWriteCopy(t *testing.T) {
	l := onSQLite(t)
	varied(t, l)
	dir := t.TempDir()
	waiting := withdraw(t, l, must(l.Entry(t.Context(), 7)).Leaf.ID, "Withdrawn a moment before the copy.")
	for _, name := range []string{"folder", "copy.zip"} {
		path := filepath.Join(dir, name)
		if name == "folder" {
			if err := os.Mkdir(path, 0o755); err != nil { // an empty one is taken
				t.Fatal(err)
			}
		}
		if err := l.WriteCopy(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		src, closing, err := OpenCopy(path)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Verify(t.Context(), src, verifyOptions(l))
		if err != nil || !r.Verified || r.Size != 294 || r.Withdrawn != 2 {
			t.Errorf("%s: %v, %v", name, r, err)
		}
		if _, err := src.Fetch(t.Context(), "../secret"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s gives what is outside: %v", name, err)
		}
		if err := closing(); err != nil {
			t.Error(err)
		}
		if err := l.WriteCopy(t.Context(), path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%s was written over: %v", name, err)
		}
	}
	if e := must(l.ByID(t.Context(), waiting)); e.Index != 293 {
		t.Errorf("the notice stands at %d", e.Index)
	}
	again := filepath.Join(dir, "again.zip")
	if err := l.WriteCopy(t.Context(), again); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(must(os.ReadFile(again)), must(os.ReadFile(filepath.Join(dir, "copy.zip")))) {
		t.Error("the same record gives two zips")
	}
	beside := filepath.Join(dir, "beside.zip")
	if err := CopyDatabase(t.Context(), l.o.DB, beside); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(must(os.ReadFile(again)), must(os.ReadFile(beside))) {
		t.Error("the copy of the database is another than the record's")
	}
	left := must(os.ReadDir(dir))
	if len(left) != 4 {
		t.Errorf("left over: %v", left)
	}
	// One byte changed in the zip itself is a failure of the record, not of the reader.
	data := must(os.ReadFile(again))
	z := must(zip.NewReader(bytes.NewReader(data), int64(len(data))))
	for _, f := range z.File {
		if f.Name != "log/tile/0/000" {
			continue
		}
		data[must(f.DataOffset())+1000] ^= 1
	}
	z = must(zip.NewReader(bytes.NewReader(data), int64(len(data))))
	r, err := Verify(t.Context(), Files(z), verifyOptions(l))
	if err != nil || r.Verified {
		t.Errorf("a changed zip: %v, %v", r, err)
	}
	if _, _, err := OpenCopy(filepath.Join(dir, "none")); err == nil {
		t.Error("nothing is a copy")
	}
}
