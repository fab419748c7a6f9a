package ledger

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rostrum.example/internal/store/storetest"
)

// A withdrawn text and its salt are not in the database file any more, small or large, nor beside it.
func TestWithdrawnTextLeavesTheFile(t *testing.T) {
	folder := t.TempDir()
	db := storetest.Open(t, "sqlite:"+filepath.Join(folder, "rostrum.db"))
	l := open(t, testOptions(t, db))
	growTo(t, l, 50)
	var erased [][]byte
	for k, length := range []int{1, 100, 3000, 20_000, 900_000} { // the larger ones lie on pages of their own
		e := sample(100 + k)
		e.Text = fmt.Appendf(nil, `"canary-%d-%s-end-%d"`, k, strings.Repeat("x", length), k)
		id := enter(t, l, e, sample(200+k))[0]
		settleAll(t, l)
		entered := must(l.ByID(t.Context(), id))
		erased = append(erased, entered.Salt, fmt.Appendf(nil, "canary-%d", k), fmt.Appendf(nil, "end-%d", k))
		if k%2 == 0 {
			growTo(t, l, l.Head(t.Context()).Size+30)
		}
		withdraw(t, l, id, "A canary.")
	}
	settleAll(t, l)
	CheckInvariant(t, l)
	if err := db.Close(); err != nil { // empties the write-ahead log
		t.Fatal(err)
	}
	for _, file := range must(os.ReadDir(folder)) {
		data := must(os.ReadFile(filepath.Join(folder, file.Name())))
		for _, b := range erased {
			if bytes.Contains(data, b) {
				t.Errorf("%s still holds %q", file.Name(), b)
			}
		}
	}
}
