package summary

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/page"
	"rostrum.example/internal/store"
	"rostrum.example/internal/text"
)

// key is what an error says, as keys of the catalogue.
func key(err error) string {
	var fields page.Invalids
	var p *page.Problem
	switch {
	case err == nil:
		return ""
	case errors.As(err, &fields):
		var keys []string
		for _, f := range fields {
			keys = append(keys, f.Field+" "+f.Key)
		}
		return strings.Join(keys, ", ")
	case errors.As(err, &p):
		return p.Key
	}
	return err.Error()
}

func TestSummaryIsComposedAndPublished(t *testing.T) {
	eachRig(t, func(t *testing.T, g *rig) {
		c := g.compose()
		p := g.publish("")
		if p.Number != 1 || len(p.Blocks) != 5 || p.Account.All.Sources != 6 || p.Account.All.Reflected != 4 || p.Account.All.Omitted != 2 {
			t.Fatalf("published: version %d, %d blocks, account %+v", p.Number, len(p.Blocks), p.Account.All)
		}
		g.settle()
		for _, b := range p.Blocks {
			e, err := g.ledger.ByID(t.Context(), b.Entry)
			if err != nil {
				t.Fatal(err)
			}
			if e.Leaf.Subject != Subject(sampleID, b.ID) || e.Leaf.Type != blockType {
				t.Errorf("block %d is %s of %s", b.Number, e.Leaf.Type, e.Leaf.Subject)
			}
			var body Body
			if err := json.Unmarshal(e.Text, &body); err != nil || !body.Sample || body.Version != 1 {
				t.Errorf("block %d says %s, %v", b.Number, e.Text, err)
			}
			for _, q := range body.Citations {
				if q.Selector.Type != "TextQuoteSelector" || !contains(e.Leaf.Cites, q.Entry) {
					t.Errorf("block %d quotes %+v and cites %v", b.Number, q, e.Leaf.Cites)
				}
			}
		}
		whole, err := g.ledger.ByID(t.Context(), p.Entry)
		if err != nil || !contains(whole.Leaf.Cites, p.AccountEntry) || whole.Leaf.Subject != "summary/exercise-2026" {
			t.Errorf("the whole is %+v, %v", whole, err)
		}
		if len(g.published) != 1 || len(g.published[0]) != 4 {
			t.Fatalf("handed on: %+v", g.published)
		}
		if first := g.published[0][0]; first.Block != c.records || first.Kind != MainPoint || first.Need != "data_evidence" || !first.Sample || !first.Changed || len(first.Sources) != 2 || first.Former != "" {
			t.Errorf("the first point handed on is %+v", first)
		}
		failures, err := VerifyPublished(t.Context(), g.db, "sample")
		if err != nil || len(failures) > 0 {
			t.Errorf("verifying finds %v, %v", failures, err)
		}
	})
}

func contains(all []ledger.ID, id ledger.ID) bool {
	for _, one := range all {
		if one == id {
			return true
		}
	}
	return false
}

func TestWhatKeepsItFromBeingPublished(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(g *rig, c composed)
		want   string
	}{
		{"nothing", func(*rig, composed) {}, ""},
		{"a point without a quotation", func(g *rig, c composed) {
			g.must(g.room.Uncite(g.t.Context(), chair, sampleID, c.programmes, g.block(c.programmes).Citations[0].ID))
			g.must(g.room.Omit(g.t.Context(), chair, sampleID, g.source("two").ID, "asked", ""))
		}, "summary.problem.notready"},
		{"an input that nobody accounts for", func(g *rig, _ composed) { g.say("seven", "ngo", "en", "", nil, "Nobody has read this.") }, "summary.problem.notready"},
		{"a paragraph without words", func(g *rig, c composed) { g.write(c.chapeau, english("")) }, "summary.problem.notready"},
		{"a source that was withdrawn", func(g *rig, _ composed) {
			g.must(g.db.Write(g.t.Context(), func(tx *store.Tx) error {
				_, err := g.ledger.Withdraw(tx, g.source("two").Texts[0].Entry, ledger.Notice{At: "2026-11-25", Reason: "Its author asked for it."})
				return err
			}))
			g.sources = append(g.sources[:1:1], g.sources[2:]...)
		}, "summary.problem.notready"},
		{"a newer version of a source, which is a warning", func(g *rig, _ composed) {
			s := g.source("two")
			old := s.Texts[0]
			again := g.say("two-again", "academia", "es", "", nil, "Otra versión.")
			entry := again.Texts[0]
			g.sources = g.sources[:len(g.sources)-1]
			s = g.source("two")
			s.Texts = []Text{{Entry: entry.Entry, Version: "2", Lang: old.Lang, Text: entry.Text}}
			g.ledger.Register("intervention", g.resolveInput)
		}, ""},
		{"the dialogue is not there yet", func(g *rig, _ composed) { g.held.Open = false }, "summary.problem.closed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			eachRig(t, func(t *testing.T, g *rig) {
				c := g.compose()
				edit := g.read().Edit
				test.change(g, c)
				if now := g.read().Edit; now != edit {
					edit = now
				}
				_, err := g.room.Publish(t.Context(), chair, sampleID, edit, "")
				if got := key(err); got != test.want {
					t.Errorf("publishing answers %q, want %q", got, test.want)
				}
				var s summary
				g.must(g.db.Read(t.Context(), func(tx *store.Tx) (err error) {
					s, err = g.room.summary(tx, sampleID)
					return err
				}))
				if published := s.Published > 0; published != (test.want == "") {
					t.Errorf("it is published: %t", published)
				}
			})
		})
		if testing.Short() {
			break
		}
	}
}

func (g *rig) block(id text.BlockID) *text.Block {
	b, _ := g.read().doc().Block(id)
	if b == nil {
		g.t.Fatalf("there is no block %s", id)
	}
	return b
}
