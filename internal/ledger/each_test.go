package ledger

import (
	"fmt"
	"testing"

	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

// TestIndexesAndTexts holds what pages and the check of pages rely on: where entries stand, also when there are
// more of them than one statement names, and which texts are public.
func TestIndexesAndTexts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, testOptions(t, db))
		const n = 600
		ids := make([]ID, n)
		err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
			for i := range ids {
				ids[i], err = l.Enter(tx, Entry{Org: "o", Type: "test.entered", Subject: fmt.Sprintf("test/%d", i), At: "2026-11-23", Text: fmt.Appendf(nil, "%d", i)})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if found, err := l.Indexes(t.Context(), ids); err != nil || len(found) != 0 {
			t.Errorf("entries that wait stand at %d places (%v)", len(found), err)
		}
		if _, err := l.Integrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := l.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		found, err := l.Indexes(t.Context(), append(ids, "unknown"))
		if err != nil || len(found) != n {
			t.Fatalf("%d of %d entries were found (%v)", len(found), n, err)
		}
		for id, index := range found {
			e, err := l.Entry(t.Context(), index)
			if err != nil || e.Leaf.ID != id {
				t.Fatalf("entry %s is said to stand at %d, where there is %v (%v)", id, index, e, err)
			}
		}
		if none, err := l.Indexes(t.Context(), nil); err != nil || len(none) != 0 {
			t.Errorf("no ids give %v (%v)", none, err)
		}
		err = db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := l.Withdraw(tx, ids[7], Notice{At: "2026-11-24", Reason: "a test"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		texts, pending := map[ID]string{}, 0
		err = EachText(t.Context(), db, func(index int64, id ID, text []byte) {
			texts[id] = string(text)
			if index == Pending {
				pending++
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, there := texts[ids[7]]; there || len(texts) != n || pending != 1 || texts[ids[8]] != "8" {
			t.Errorf("%d texts, %d of them waiting; the withdrawn one is given: %v", len(texts), pending, there)
		}
	})
}
