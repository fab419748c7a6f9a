package dialogue

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	file "rostrum.example/format/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/store"
)

// ImportOptions say how files are taken in.
type ImportOptions struct {
	// CheckOnly says what would change and changes nothing.
	CheckOnly bool
	// Withdraw withdraws items that a newer file no longer holds; without it they stand in the way.
	Withdraw bool
	// At is when the files are taken in.
	At time.Time
}

// Imported says what taking in one file changed.
type Imported struct {
	ID        ID  `json:"id"`
	Entered   int `json:"entered"`
	Revised   int `json:"revised"`
	Withdrawn int `json:"withdrawn"`
	Unchanged int `json:"unchanged"`
}

// MissingError names items of the record that a newer file no longer holds.
type MissingError struct{ Refs []Ref }

func (e *MissingError) Error() string {
	var names []string
	for _, r := range e.Refs {
		names = append(names, r.String())
	}
	return fmt.Sprintf("the record holds %s, and the new file does not; put them back, or withdraw them (rostrum import --withdraw), which leaves a notice for each", strings.Join(names, ", "))
}

// errCheckOnly ends the transaction of a check without keeping anything.
var errCheckOnly = errors.New("only checked")

// Import takes in dialogue files that were read with format/dialogue. They are checked together and with the
// dialogues that are there already; then all of them enter the public record in one transaction, or none. An
// item that says what it said before is left alone; one that changed is entered as a revision that cites the
// former entry.
func (w *Wing) Import(ctx context.Context, files []*file.File, o ImportOptions) ([]Imported, error) {
	var result []Imported
	err := w.shelf.db.Write(ctx, func(tx *store.Tx) error {
		record, err := readRecord(tx, w.shelf.org)
		if err != nil {
			return err
		}
		if err := checkTogether(record, files); err != nil {
			return err
		}
		result = nil
		in := importer{wing: w, tx: tx, record: record, options: o}
		for _, f := range inOrder(files) {
			done, err := in.take(f)
			if err != nil {
				return fmt.Errorf("taking in %s: %w", f.ID, err)
			}
			result = append(result, done)
		}
		if o.CheckOnly {
			return errCheckOnly
		}
		if !in.changed {
			return nil
		}
		_, err = tx.Exec(generationMove, w.shelf.org)
		return err
	})
	if errors.Is(err, errCheckOnly) {
		err = nil
	}
	return result, err
}

// inOrder puts earlier dialogues first, so that a link cites an entry that stands before it.
func inOrder(files []*file.File) []*file.File {
	return slices.SortedStableFunc(slices.Values(files), func(a, b *file.File) int {
		return strings.Compare(string(a.Date), string(b.Date))
	})
}

// checkTogether checks the new files with all dialogues of the record that they do not replace.
func checkTogether(record *Record, files []*file.File) error {
	all := slices.Clone(files)
	for _, d := range record.Dialogues {
		if slices.ContainsFunc(files, func(f *file.File) bool { return ID(f.ID) == d.ID() }) {
			continue
		}
		f, err := fileOf(d, record.Sources)
		if err != nil {
			return err
		}
		all = append(all, f)
	}
	return file.Check(all)
}

// importer takes files in inside one transaction.
type importer struct {
	wing    *Wing
	tx      *store.Tx
	record  *Record
	options ImportOptions
	changed bool
}

func (in *importer) take(f *file.File) (Imported, error) {
	result := Imported{ID: ID(f.ID)}
	items, sources := itemsOf(f)
	for _, src := range sources {
		if err := in.takeSource(src); err != nil {
			return result, err
		}
	}
	before := map[ItemID]*Item{}
	d, known := in.record.Find(ID(f.ID))
	if known {
		for _, it := range d.Items {
			before[it.ID] = it
		}
	}
	after := &Dialogue{Opening: items[0]}
	for _, it := range items {
		old := before[it.ID]
		delete(before, it.ID)
		switch {
		case old == nil:
			result.Entered++
		case old.Kind == it.Kind && old.SameAs(it):
			result.Unchanged++
			it.Version, it.Entry = old.Version, old.Entry
			after.Items = append(after.Items, it)
			if old.Position != it.Position {
				if err := keepItem(in.tx, in.wing.shelf.org, it); err != nil {
					return result, err
				}
				in.changed = true
			}
			continue
		default:
			result.Revised++
		}
		if err := in.enter(it, old); err != nil {
			return result, err
		}
		after.Items = append(after.Items, it)
		in.put(after) // so that later items of the same file can cite this one
	}
	in.put(after)
	return result, in.withdraw(&result, before)
}

// put replaces a dialogue in the importer's picture of the record.
func (in *importer) put(d *Dialogue) {
	if i := slices.IndexFunc(in.record.Dialogues, func(x *Dialogue) bool { return x.ID() == d.ID() }); i >= 0 {
		in.record.Dialogues[i] = d
		return
	}
	in.record.Dialogues = append(in.record.Dialogues, d)
}

func (in *importer) takeSource(src *Source) error {
	act, old := "entered", in.record.Sources[src.ID]
	var cites []ledger.ID
	src.Version = 1
	if old != nil {
		if old.SameAs(src) {
			return nil
		}
		act, src.Version, cites = "revised", old.Version+1, []ledger.ID{old.Entry}
	}
	body, err := json.Marshal(src)
	if err != nil {
		return err
	}
	if src.Entry, err = in.commit(src.Subject(), "source."+act, body, cites); err != nil {
		return err
	}
	in.record.Sources[src.ID] = src
	return keepSource(in.tx, in.wing.shelf.org, src)
}

// enter enters an item, or its revision, and keeps it.
func (in *importer) enter(it, old *Item) error {
	act := "entered"
	var cites []ledger.ID
	it.Version = 1
	if old != nil {
		act, it.Version = "revised", old.Version+1
		cites = append(cites, old.Entry)
	}
	for _, about := range it.rests() {
		ref, err := ParseRef(about)
		if err != nil {
			return err
		}
		target, ok := in.record.Item(ref)
		if !ok {
			return fmt.Errorf("%s points to %s, which the record does not have", it.Ref(), about)
		}
		cites = append(cites, target.Entry)
	}
	body, err := it.Body()
	if err != nil {
		return err
	}
	kind := "dialogue." + string(it.Kind) + "."
	if it.Kind == Opening {
		kind = "dialogue."
	}
	if it.Entry, err = in.commit(it.Subject(), kind+act, body, cites); err != nil {
		return err
	}
	return keepItem(in.tx, in.wing.shelf.org, it)
}

// rests names the items that this one is about.
func (it *Item) rests() []string {
	switch {
	case it.Linked != nil:
		return []string{string(it.Dialogue) + "/" + string(it.Linked.Item), it.TakesUp}
	case it.Fated != nil:
		return []string{it.About}
	}
	return nil
}

func (in *importer) commit(subject, kind string, body []byte, cites []ledger.ID) (ledger.ID, error) {
	in.changed = true
	return in.wing.ledger.Enter(in.tx, ledger.Entry{
		Org: in.wing.shelf.org, Type: kind, Subject: subject,
		At: in.options.At.UTC().Format("2006-01-02T15:04:05Z"), Text: body, Cites: cites,
	})
}

// withdraw deals with the items that the record holds and the file no longer does.
func (in *importer) withdraw(result *Imported, gone map[ItemID]*Item) error {
	if len(gone) == 0 {
		return nil
	}
	var missing []*Item
	for _, it := range gone {
		missing = append(missing, it)
	}
	slices.SortFunc(missing, func(a, b *Item) int { return a.Position - b.Position })
	if !in.options.Withdraw {
		e := &MissingError{}
		for _, it := range missing {
			e.Refs = append(e.Refs, it.Ref())
		}
		return e
	}
	for _, it := range missing {
		_, err := in.wing.ledger.Withdraw(in.tx, it.Entry, ledger.Notice{
			At:     in.options.At.UTC().Format("2006-01-02T15:04:05Z"),
			Reason: "The editors took this item out of the dialogue file.",
		})
		if err != nil {
			return err
		}
		if _, err := in.tx.Exec(itemDrop, in.wing.shelf.org, it.Dialogue, it.ID); err != nil {
			return err
		}
		in.changed = true
		result.Withdrawn++
	}
	return nil
}

// Export writes a dialogue as a dialogue file.
func (w *Wing) Export(ctx context.Context, id ID) ([]byte, error) {
	record, err := w.shelf.Record(ctx)
	if err != nil {
		return nil, err
	}
	d, ok := record.Find(id)
	if !ok {
		return nil, fmt.Errorf("there is no dialogue %q", id)
	}
	f, err := fileOf(d, record.Sources)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, fmt.Errorf("writing dialogue %s: %w", id, err)
	}
	return out.Bytes(), nil
}
