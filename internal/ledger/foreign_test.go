package ledger

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/torchwood"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// hashBundle is the leaf hasher of the fsck command.
func hashBundle(data []byte) ([][]byte, error) {
	var b api.EntryBundle
	if err := b.UnmarshalText(data); err != nil {
		return nil, err
	}
	hashes := make([][]byte, 0, len(b.Entries))
	for _, e := range b.Entries {
		hashes = append(hashes, rfc6962.DefaultHasher.HashLeaf(e))
	}
	return hashes, nil
}

// tesseraCheck runs Tessera's fsck, by its library: the command exits 0 even when a log fails.
func tesseraCheck(ctx context.Context, verifier string, f fsck.Fetcher) error {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return err
	}
	return fsck.New(v.Name(), v, f, hashBundle, fsck.Opts{N: 2}).Check(ctx)
}

func tesseraOverHTTP(t *testing.T, base string) fsck.Fetcher {
	t.Helper()
	u, err := url.Parse(base + "/log/")
	if err != nil {
		t.Fatal(err)
	}
	f, err := client.NewHTTPFetcher(u, nil)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// torchwoodCheck reads a record as Torchwood's client does: the checkpoint under a policy, all entries, and one
// entry with its proof.
func torchwoodCheck(ctx context.Context, base, verifier string) (entries int64, err error) {
	v, err := note.NewVerifier(verifier)
	if err != nil {
		return 0, err
	}
	fetcher, err := torchwood.NewTileFetcher(base + "/log")
	if err != nil {
		return 0, err
	}
	c, err := torchwood.NewClient(fetcher)
	if err != nil {
		return 0, err
	}
	signed, err := fetcher.ReadEndpoint(ctx, "checkpoint")
	if err != nil {
		return 0, err
	}
	policy := torchwood.ThresholdPolicy(2, torchwood.OriginPolicy(v.Name()), torchwood.SingleVerifierPolicy(v))
	checkpoint, _, err := torchwood.VerifyCheckpoint(signed, policy)
	if err != nil {
		return 0, err
	}
	for index, entry := range c.AllEntries(ctx, checkpoint.Tree, 0) {
		if _, err := ParseLeaf(entry); err != nil || index != entries {
			return 0, fmt.Errorf("entry %d: %w", index, err)
		}
		entries++
	}
	if err := c.Err(); err != nil {
		return 0, err
	}
	if entries > 0 {
		entry, proof, err := c.Entry(ctx, checkpoint.Tree, entries/2)
		if err != nil {
			return 0, err
		}
		if err := tlog.CheckRecord(proof, checkpoint.N, checkpoint.Hash, entries/2, tlog.RecordHash(entry)); err != nil {
			return 0, err
		}
	}
	return entries, nil
}

func TestForeignTools(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, testOptions(t, db))
		server := httptest.NewServer(l.Handler())
		defer server.Close()
		sizes := []int64{0, 1, 2, 255, 256, 257, 1000, 70000}
		if testing.Short() || db.Engine() != store.SQLite { // the largest is a matter of minutes under the race detector
			sizes = sizes[:len(sizes)-1]
		}
		remembered := [][]byte{}
		for _, size := range sizes {
			growTo(t, l, size)
			if err := tesseraCheck(t.Context(), l.Verifier(), tesseraOverHTTP(t, server.URL)); err != nil {
				t.Errorf("size %d: Tessera's fsck: %v", size, err)
			}
			entries, err := torchwoodCheck(t.Context(), server.URL, l.Verifier())
			if err != nil || entries != size {
				t.Errorf("size %d: Torchwood's client read %d entries: %v", size, entries, err)
			}
			src, err := HTTP(server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			earlier := append(remembered, nil)
			if size == 70000 {
				earlier = earlier[len(earlier)-2 : len(earlier)-1] // one verification of this size is enough
			}
			for _, earlier := range earlier {
				o := verifyOptions(l)
				o.Remembered = earlier
				r, err := Verify(t.Context(), src, o)
				if err != nil || !r.Verified || r.Size != size || r.Texts != size {
					t.Fatalf("size %d: our own: %v, %v", size, r, err)
				}
			}
			if size < 70000 {
				CheckInvariant(t, l)
			}
			remembered = append(remembered, l.Head(t.Context()).Note)
		}
	})
}

// Tessera reads our copies, and refuses one with a changed byte in an entry or a tile.
func TestForeignToolsOnCopies(t *testing.T) {
	l := onSQLite(t)
	growTo(t, l, 600)
	for _, change := range []string{"", "log/tile/entries/001", "log/tile/0/001", "log/tile/1/000.p/2", "log/checkpoint"} {
		folder := filepath.Join(t.TempDir(), "copy")
		if err := l.WriteCopy(t.Context(), folder); err != nil {
			t.Fatal(err)
		}
		if change != "" {
			flip(t, filepath.Join(folder, filepath.FromSlash(change)), 40)
		}
		err := tesseraCheck(t.Context(), l.Verifier(), &client.FileFetcher{Root: filepath.Join(folder, "log")})
		if (change == "") != (err == nil) {
			t.Errorf("changed %q: Tessera's fsck says %v", change, err)
		}
		if err != nil && strings.HasPrefix(change, "log/tile/") && !strings.Contains(err.Error(), "tile/") {
			t.Errorf("changed %q: Tessera's fsck says %v", change, err)
		}
	}
}
