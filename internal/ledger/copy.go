package ledger

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rostrum.example/internal/store"
)

// copyAttempts bounds how often a copy begins anew because a text was withdrawn meanwhile.
const copyAttempts = 5

// WriteCopy writes a static copy of the whole record, as it is served: a zip file when path ends in ".zip", else a
// folder. Entries that wait are integrated first. Nothing is at path until the copy is whole, and nothing that is
// there is replaced.
func (l *Ledger) WriteCopy(ctx context.Context, path string) error {
	return copyWhole(path, func() (bool, error) { return l.tryCopy(ctx, path) })
}

// copyWhole makes room for a copy and tries until the record stands still for one.
func copyWhole(path string, try func() (whole bool, err error)) error {
	switch entries, err := os.ReadDir(path); {
	case err == nil && len(entries) == 0 && !strings.HasSuffix(path, ".zip"):
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("writing the copy: %w", err)
		}
	case !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("writing the copy: %w: there is something at %s; choose another name", fs.ErrExist, path)
	}
	for range copyAttempts {
		whole, err := try()
		if err != nil {
			return fmt.Errorf("writing the copy: %w", err)
		}
		if whole {
			return nil
		}
	}
	return fmt.Errorf("writing the copy: texts were withdrawn during each of %d attempts; try again later", copyAttempts)
}

// tryCopy writes a copy and tells whether the record stood still: a text that was withdrawn under the copy's hands
// has a notice that the copy does not hold.
func (l *Ledger) tryCopy(ctx context.Context, path string) (whole bool, err error) {
	if _, err := l.Integrate(ctx); err != nil {
		return false, err
	}
	if err := l.Publish(ctx); err != nil {
		return false, err
	}
	return served{db: l.o.DB, head: l.Head(ctx), key: l.Verifier()}.copyTo(ctx, path)
}

// CopyDatabase writes a static copy of the published record in a database, which may be open for reading only and
// served by another program meanwhile.
func CopyDatabase(ctx context.Context, db *store.DB, path string) error {
	return copyWhole(path, func() (bool, error) {
		s, err := published(ctx, db, "")
		if err != nil {
			return false, err
		}
		return s.copyTo(ctx, path)
	})
}

// copyTo writes the copy below a temporary name and moves it to path when it is whole.
func (s served) copyTo(ctx context.Context, path string) (whole bool, err error) {
	temporary, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+".new-*")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(temporary)
	target := filepath.Join(temporary, "copy")
	if strings.HasSuffix(path, ".zip") {
		err = writeZip(ctx, s, target)
	} else {
		err = writeFolder(ctx, s, target)
	}
	if err != nil {
		return false, err
	}
	var unsettled int
	err = s.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(countUnsettled, s.head.Size).Scan(&unsettled)
	})
	if err != nil || unsettled > 0 {
		return false, err
	}
	return true, os.Rename(target, path)
}

const countUnsettled = `
	select count(*)
	  from log_text t
	 where t.notice <> ''
	   and not exists (
	         select 1
	           from log_entry e
	          where e.id = t.notice
	            and e.idx < $1
	       )`

// places calls fn for every file of the copy.
func (s served) places(fn func(place) error) error {
	for _, p := range []place{{kind: kindKey}, {kind: kindCheckpoint}} {
		if err := fn(p); err != nil {
			return err
		}
	}
	for _, k := range []kind{kindEntries, kindText, kindHashes} {
		for level := 0; level == 0 || k == kindHashes; level++ {
			count := tiles(level, s.head.Size)
			if count == 0 {
				break
			}
			for n := range count {
				if err := fn(last(k, level, n, s.head.Size)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func writeFolder(ctx context.Context, s served, folder string) error {
	return s.places(func(p place) error {
		name := filepath.Join(folder, filepath.FromSlash(p.path()))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return err
		}
		return errors.Join(s.write(ctx, f, p), f.Close())
	})
}

// writeZip writes the files without times, so that the same record gives the same zip.
func writeZip(ctx context.Context, s served, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	err = s.places(func(p place) error {
		method := zip.Deflate
		if p.kind == kindHashes {
			method = zip.Store // hashes do not compress
		}
		var w io.Writer
		if w, err = z.CreateHeader(&zip.FileHeader{Name: p.path(), Method: method}); err != nil {
			return err
		}
		return s.write(ctx, w, p)
	})
	if err == nil {
		err = z.Close()
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
