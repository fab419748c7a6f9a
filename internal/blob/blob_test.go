package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
)

// place is a store under test, and what can be seen of it from outside.
type place struct {
	*testing.T
	*Store
	// left gives what the store has kept besides its files: drafts, unfinished uploads.
	left   func() []string
	bucket *bucket
	url    string
}

// each runs the contract that every kind of store keeps.
func each(t *testing.T, fn func(p *place)) {
	t.Helper()
	t.Run("directory", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "files")
		fn(&place{T: t, Store: open(t, dir), left: func() []string { return entries(t, filepath.Join(dir, incoming)) }})
	})
	t.Run("s3", func(t *testing.T) {
		p := openFakeS3(t)
		fn(p)
	})
}

func openFakeS3(t *testing.T) *place {
	t.Setenv("AWS_ACCESS_KEY_ID", "access")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_SESSION_TOKEN", "")
	b, url := newBucket(t)
	return &place{T: t, Store: open(t, url), bucket: b, url: url, left: func() (all []string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		for id := range b.uploads {
			all = append(all, id)
		}
		return all
	}}
}

func open(t testing.TB, where string) *Store {
	t.Helper()
	s, err := Open(t.Context(), where, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func entries(t testing.TB, dir string) (all []string) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		all = append(all, e.Name())
	}
	return all
}

// list gives names and sizes.
func (p *place) list(prefix string) string {
	p.Helper()
	var all []string
	for info, err := range p.List(p.Context(), prefix) {
		if err != nil {
			p.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%s:%d", info.Name, info.Size))
	}
	return strings.Join(all, " ")
}

func (p *place) get(name Name) []byte {
	p.Helper()
	f, err := p.Get(p.Context(), name)
	if err != nil {
		p.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil || int64(len(data)) != f.Size {
		p.Fatalf("%s: read %d of %d bytes, %v", name, len(data), f.Size, err)
	}
	return data
}

func (p *place) put(content []byte) Name {
	p.Helper()
	name, _, err := p.Put(p.Context(), bytes.NewReader(content))
	if err != nil {
		p.Fatal(err)
	}
	return name
}

func data(n int) []byte {
	b := make([]byte, n)
	mathrand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

func TestWhatIsPutIsGot(t *testing.T) {
	each(t, func(p *place) {
		for _, n := range []int{0, 1, 1000, 1<<20 + 1, 20<<20 + 7} {
			name, size, err := p.Put(p.Context(), iotest.OneByteReader(bytes.NewReader(data(min(n, 1000)))))
			if n > 1000 {
				name, size, err = p.Put(p.Context(), bytes.NewReader(data(n)))
			}
			if err != nil || size != int64(n) || len(name) != 26 {
				t.Fatalf("put %d bytes: %s, %d, %v", n, name, size, err)
			}
			if !bytes.Equal(p.get(name), data(n)) {
				t.Errorf("%d bytes come back changed", n)
			}
		}
		if left := p.left(); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestFilesCanBeSought(t *testing.T) {
	each(t, func(p *place) {
		content := data(100_000)
		if _, err := p.PutAs(p.Context(), "a", bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		f, err := p.Get(p.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		small, err := p.Get(p.Context(), p.put(content[:100]))
		if err != nil {
			t.Fatal(err)
		}
		defer small.Close()
		if err := iotest.TestReader(small, content[:100]); err != nil {
			t.Error(err)
		}
		for _, at := range []int64{50_000, 0, 99_999} {
			if _, err := f.Seek(at, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			var b [1]byte
			if _, err := io.ReadFull(f, b[:]); err != nil || b[0] != content[at] {
				t.Errorf("byte %d is %d, %v", at, b, err)
			}
		}
		if end, err := f.Seek(0, io.SeekEnd); err != nil || end != f.Size {
			t.Errorf("the end is at %d, %v", end, err)
		}
	})
}

func TestNamesAreWrittenOnce(t *testing.T) {
	each(t, func(p *place) {
		if _, err := p.PutAs(p.Context(), "report/a.age", strings.NewReader("first")); err != nil {
			t.Fatal(err)
		}
		for _, other := range []string{"", "second", strings.Repeat("x", 12<<20)} {
			if _, err := p.PutAs(p.Context(), "report/a.age", strings.NewReader(other)); !errors.Is(err, ErrExists) {
				t.Errorf("%d other bytes: %v", len(other), err)
			}
		}
		if got := string(p.get("report/a.age")); got != "first" {
			t.Errorf("the file is now %.20q", got)
		}
		if left := p.left(); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

func TestOneOfManyWritersWins(t *testing.T) {
	each(t, func(p *place) {
		var won atomic.Int32
		var winner atomic.Value
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				text := fmt.Sprint("writer ", i)
				_, err := p.PutAs(p.Context(), "x/y/z", strings.NewReader(text))
				switch {
				case err == nil:
					won.Add(1)
					winner.Store(text)
				case !errors.Is(err, ErrExists):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won.Load() != 1 || string(p.get("x/y/z")) != winner.Load() {
			t.Errorf("%d writers won", won.Load())
		}
	})
}

func TestNothingIsLeftOfAFailure(t *testing.T) {
	broken := errors.New("the line went dead")
	tests := []struct {
		name   string
		reader func(cancel func()) io.Reader
		want   error
	}{
		{"reader fails at once", func(func()) io.Reader { return iotest.ErrReader(broken) }, broken},
		{"reader fails late", func(func()) io.Reader { return io.MultiReader(bytes.NewReader(data(30_000)), iotest.ErrReader(broken)) }, broken},
		{"reader fails in the third part", func(func()) io.Reader {
			return io.MultiReader(bytes.NewReader(data(20<<20)), iotest.ErrReader(broken))
		}, broken},
		{"too large", func(func()) io.Reader { return Limit(bytes.NewReader(data(2000)), 1999) }, ErrTooLarge},
		{"context ends", func(cancel func()) io.Reader {
			return io.MultiReader(bytes.NewReader(data(30_000)), read(func([]byte) (int, error) { cancel(); return 0, nil }), bytes.NewReader(data(10)))
		}, context.Canceled},
		{"context ends in the third part", func(cancel func()) io.Reader {
			return io.MultiReader(bytes.NewReader(data(12<<20)), read(func([]byte) (int, error) { cancel(); return 0, nil }), bytes.NewReader(data(10)))
		}, context.Canceled},
		{"context ends with the last byte", func(cancel func()) io.Reader {
			return io.MultiReader(bytes.NewReader(data(30_000)), read(func([]byte) (int, error) { cancel(); return 0, io.EOF }))
		}, context.Canceled},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			each(t, func(p *place) {
				ctx, cancel := context.WithCancel(p.Context())
				defer cancel()
				name, size, err := p.Put(ctx, test.reader(cancel))
				if !errors.Is(err, test.want) || name != "" || size != 0 {
					p.Errorf("got %q, %d, %v", name, size, err)
				}
				if _, err := p.PutAs(ctx, "folder/name", test.reader(cancel)); err == nil {
					p.Error("no error")
				}
				if got, left := p.list(""), p.left(); got != "" || len(left) != 0 {
					p.Errorf("left behind: files %q, drafts %v", got, left)
				}
			})
		})
	}
}

type read func([]byte) (int, error)

func (r read) Read(p []byte) (int, error) { return r(p) }

func TestNotFound(t *testing.T) {
	each(t, func(p *place) {
		if _, err := p.PutAs(p.Context(), "folder/a", strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		for _, name := range []Name{"b", "folder", "folder/b", "folder/a/c"} {
			if _, err := p.Get(p.Context(), name); !errors.Is(err, ErrNotFound) {
				t.Errorf("get %s: %v", name, err)
			}
			if err := p.Delete(p.Context(), name); !errors.Is(err, ErrNotFound) {
				t.Errorf("delete %s: %v", name, err)
			}
		}
		if err := p.Delete(p.Context(), "folder/a"); err != nil {
			t.Error(err)
		}
		if err := p.Delete(p.Context(), "folder/a"); !errors.Is(err, ErrNotFound) {
			t.Errorf("deleted twice: %v", err)
		}
		if got := p.list(""); got != "" {
			t.Errorf("left %s", got)
		}
	})
}

func TestList(t *testing.T) {
	each(t, func(p *place) {
		for _, name := range []Name{"b", "a", "report/2", "report/1", "report-a", "reports", "z.age"} {
			if _, err := p.PutAs(p.Context(), name, strings.NewReader(string(name))); err != nil {
				t.Fatal(err)
			}
		}
		for prefix, want := range map[string]string{
			"": "a:1 b:1 report-a:8 report/1:8 report/2:8 reports:7 z.age:5", "report/": "report/1:8 report/2:8",
			"report": "report-a:8 report/1:8 report/2:8 reports:7", "report/2": "report/2:8", "none": "", "../": "", "none/a": "",
		} {
			if got := p.list(prefix); got != want {
				t.Errorf("list %q: %s, want %s", prefix, got, want)
			}
		}
		for range p.List(p.Context(), "") {
			break // a list can be left
		}
		ctx, cancel := context.WithCancel(p.Context())
		cancel()
		lines := 0
		for _, err := range p.List(ctx, "") {
			lines++
			if !errors.Is(err, context.Canceled) {
				t.Errorf("a list under an ended context: %v", err)
			}
		}
		if lines != 1 {
			t.Errorf("a list under an ended context has %d lines, want the error alone", lines)
		}
	})
}

var hostile = []string{
	"", ".", "..", "../a", "a/../b", "a/..", "/a", "a/", "a//b", "./a", "a/./b", ".incoming/x", ".hidden", "a/.b", "A", "Ä", "a b", "a\\b", "a:b", "a\x00b", "a\nb", "a%2fb",
	"-rf", "_a", "a.", "~", "a*", "con?", "é", "ａ", strings.Repeat("a", 101), strings.Repeat("a/", 100) + "a", "a\u202eb",
}

func TestHostileNames(t *testing.T) {
	each(t, func(p *place) {
		for _, name := range hostile {
			if _, err := p.PutAs(p.Context(), Name(name), strings.NewReader("x")); !errors.Is(err, ErrName) {
				t.Errorf("put %q: %v", name, err)
			}
			if _, err := p.Get(p.Context(), Name(name)); !errors.Is(err, ErrName) {
				t.Errorf("get %q: %v", name, err)
			}
			if err := p.Delete(p.Context(), Name(name)); !errors.Is(err, ErrName) {
				t.Errorf("delete %q: %v", name, err)
			}
		}
		for _, name := range []string{"a", "0", "a.b-c_d/e.age", strings.Repeat("a", 100), strings.Repeat("a/", 99) + "ab"} {
			if _, err := ParseName(name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		}
	})
}

func FuzzParseName(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Add("report/a.age")
	f.Fuzz(func(t *testing.T, s string) {
		if name, err := ParseName(s); err == nil {
			if string(name) != s || !filepath.IsLocal(s) || filepath.ToSlash(filepath.Clean(s)) != s || strings.ToLower(s) != s || !fs.ValidPath(s) || strings.HasPrefix(s, incoming) {
				t.Errorf("accepted %q", s)
			}
		}
	})
}

func TestLimit(t *testing.T) {
	for n := range 5 {
		for limit := range int64(5) {
			for _, wrap := range []func(io.Reader) io.Reader{iotest.OneByteReader, iotest.DataErrReader, iotest.HalfReader} {
				got, err := io.ReadAll(Limit(wrap(bytes.NewReader(data(n))), limit))
				if want := data(n)[:min(n, int(limit))]; !bytes.Equal(got, want) || (err != nil) != (int64(n) > limit) || err != nil && !errors.Is(err, ErrTooLarge) {
					t.Errorf("%d bytes under a limit of %d: %v, %v", n, limit, got, err)
				}
			}
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, where := range []string{"", file, "gs://bucket", "mem://", "s3://", "s3://key:secret@bucket", "s3://bucket?nonsense=1"} {
		if s, err := Open(t.Context(), where, rand.Reader); err == nil {
			t.Errorf("opened %q", where)
			s.Close()
		} else if strings.Contains(err.Error(), "secret@") {
			t.Errorf("the error shows the secret: %v", err)
		}
	}
}

func TestS3Trouble(t *testing.T) {
	p := openFakeS3(t)
	if p.String() != "s3://files" {
		t.Errorf("shown as %s", p)
	}
	p.bucket.full = true
	if _, _, err := p.Put(t.Context(), strings.NewReader("x")); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), p.String()) {
		t.Errorf("a bucket without room: %v", err)
	}
	p.bucket.full = false
	p.bucket.objects["Not/Ours"] = nil
	if _, err := p.PutAs(t.Context(), "ours", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if got := p.list(""); got != "ours:1" || !slices.Equal(p.bucket.names(), []string{"Not/Ours", "ours"}) {
		t.Errorf("list %s of %v", got, p.bucket.names())
	}
}
