package ledger

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"

	"rostrum.example/internal/store"
)

// Source is a place where a record can be read: a server, a copy, a database.
type Source interface {
	// Fetch gives the bytes at an address of the record, such as "log/checkpoint". It answers fs.ErrNotExist where
	// there is nothing, and ErrDamaged where what is there cannot be what was written; any other error says that
	// the source itself cannot be read, and ends a verification without a verdict.
	Fetch(ctx context.Context, path string) ([]byte, error)
}

// maxFetch bounds one fetched file. A text bundle of 256 texts of the largest size, each byte escaped, is larger;
// such a record is verified from its database or its copy.
const maxFetch = 512 << 20

// HTTP reads a record from a server. address is that of the instance ("https://record.example.org"), of its log
// ("https://record.example.org/log"), or of its checkpoint.
func HTTP(address string, client *http.Client) (Source, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("%q is not the address of a record; it should look like https://record.example.org", address)
	}
	u.RawQuery, u.Fragment = "", ""
	u.Path = strings.TrimSuffix(strings.TrimSuffix(u.Path, "/checkpoint"), "/")
	u.Path = strings.TrimSuffix(u.Path, "/log") + "/"
	if client == nil {
		client = http.DefaultClient
	}
	return server{base: u, client: client}, nil
}

type server struct {
	base   *url.URL
	client *http.Client
}

func (s server) Fetch(ctx context.Context, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base.JoinPath(path).String(), nil)
	if err != nil {
		return nil, fmt.Errorf("fetching %s: %w", path, err)
	}
	res, err := s.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetching %s: %w", path, err)
	}
	defer res.Body.Close()
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return nil, fmt.Errorf("fetching %s: %w", path, fs.ErrNotExist)
	case http.StatusInternalServerError:
		return nil, fmt.Errorf("fetching %s: %w: the server says that it cannot read it", path, ErrDamaged)
	default:
		return nil, fmt.Errorf("fetching %s: the server answered %s", path, res.Status)
	}
	return readBounded(res.Body, path)
}

func readBounded(r io.Reader, path string) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFetch+1))
	if err != nil {
		return nil, fmt.Errorf("fetching %s: %w", path, err)
	}
	if len(b) > maxFetch {
		return nil, fmt.Errorf("fetching %s: %w: it has more than %d bytes", path, ErrDamaged, maxFetch)
	}
	return b, nil
}

// Files reads a copy of a record from any file system.
func Files(files fs.FS) Source { return copied{files} }

type copied struct{ fs.FS }

func (c copied) Fetch(_ context.Context, path string) ([]byte, error) {
	f, err := c.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
			return nil, fmt.Errorf("reading %s: %w", path, fs.ErrNotExist)
		}
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	defer f.Close()
	b, err := readBounded(f, path)
	if errors.Is(err, zip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, zip.ErrFormat) {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return b, err
}

// OpenCopy opens the copy at path, a folder or a zip file; close ends its use.
func OpenCopy(path string) (s Source, close func() error, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the copy: %w", err)
	}
	if info.IsDir() {
		r, err := os.OpenRoot(path)
		if err != nil {
			return nil, nil, fmt.Errorf("opening the copy: %w", err)
		}
		return Files(r.FS()), r.Close, nil
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the copy %s: it is neither a folder nor a zip file: %w", path, err)
	}
	return Files(z), z.Close, nil
}

// Database reads the published record from a database, which may be open for reading only. key is the verifier key
// that stands at log/key; empty takes the one that the database notes.
func Database(ctx context.Context, db *store.DB, key string) (Source, error) {
	s, err := published(ctx, db, key)
	if err != nil {
		return nil, err
	}
	return rows{s}, nil
}

// published is the record in a database below its published head.
func published(ctx context.Context, db *store.DB, key string) (served, error) {
	s := served{db: db, key: key}
	err := db.Read(ctx, func(tx *store.Tx) error {
		row, err := readHead(tx)
		if err != nil {
			return err
		}
		if s.key == "" {
			s.key = row.verifier
		}
		// What there is to read follows from the checkpoint; whether log_head agrees is checked elsewhere.
		s.head = Head{Note: row.note, Size: claimedTree(row.note).N}
		return nil
	})
	if err != nil {
		return served{}, fmt.Errorf("reading the record in the database: %w", err)
	}
	return s, nil
}

type rows struct{ served }

func (r rows) Fetch(ctx context.Context, path string) ([]byte, error) {
	p, err := parsePlace(path)
	if err != nil || !r.has(p) {
		return nil, fmt.Errorf("reading %s: %w", path, fs.ErrNotExist)
	}
	var b bytes.Buffer
	if err := r.write(ctx, &b, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
