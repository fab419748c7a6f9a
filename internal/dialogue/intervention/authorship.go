package intervention

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/store"
)

// The formats of docs/formats/input.md.
const (
	commitmentFormat = "rostrum-authorship/1"
	fileFormat       = "rostrum-authorship-file/1"
	authorshipType   = "intervention.authorship"
	// MaxAuthorship bounds an authorship file, in bytes.
	MaxAuthorship = 16 << 10
)

// Authorship is the file by which a sealed voice proves, alone, that the words of an input are theirs.
type Authorship struct {
	Format string    `json:"format"`
	Record string    `json:"record"` // the origin of the record
	Entry  ledger.ID `json:"entry"`
	Salt   string    `json:"salt"` // base64
	Text   string    `json:"text"` // a commitment, to the byte
}

// commitment is what the sealed entry commits to.
type commitment struct {
	Format string `json:"format"`
	Input  ID     `json:"input"`
	Digest string `json:"digest"`
	Author string `json:"author"`
	Nonce  string `json:"nonce"`
}

// DigestOf is the digest of a text as a commitment holds it.
func DigestOf(lang string, paragraphs []string) string {
	sum := sha256.Sum256([]byte(lang + "\n" + strings.Join(paragraphs, "\n\n")))
	return hex.EncodeToString(sum[:])
}

// commit enters the commitment of a sealed voice. Text and salt are nowhere but in what it gives.
func (room *Room) commit(tx *store.Tx, in *Input, author string) (*Authorship, error) {
	texts, err := room.texts(tx, in.ID)
	if err != nil {
		return nil, err
	}
	t := newest(texts, in.Lang, false)
	if t == nil {
		return nil, ErrNotFound
	}
	var drawn [32 + ledger.SaltSize]byte
	if _, err := io.ReadFull(room.o.Random, drawn[:]); err != nil {
		return nil, fmt.Errorf("drawing a nonce: %w", err)
	}
	nonce, salt := drawn[:32], drawn[32:]
	text, err := json.Marshal(commitment{commitmentFormat, in.ID, DigestOf(t.Lang, t.Paragraphs), author, base64.StdEncoding.EncodeToString(nonce)})
	if err != nil {
		return nil, err
	}
	opaque, err := store.NewID(room.o.Random)
	if err != nil {
		return nil, err
	}
	entry, err := room.o.Ledger.Enter(tx, ledger.Entry{
		Org: room.o.Org, Type: authorshipType, Subject: "opaque/" + opaque, At: room.o.Clock().UTC().Format(time.DateOnly), Text: text, Sealed: true, Salt: salt,
	})
	if err != nil {
		return nil, fmt.Errorf("entering a commitment: %w", err)
	}
	return &Authorship{fileFormat, room.o.Ledger.Origin(), entry, base64.StdEncoding.EncodeToString(salt), string(text)}, nil
}

// Bytes are the file.
func (a *Authorship) Bytes() []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(a); err != nil {
		panic(err) // texts
	}
	return b.Bytes()
}

// Proven is what an authorship file proves.
type Proven struct {
	Input ID
	// Author is the line that the author wrote when they confirmed; it may be empty.
	Author string
	// Entry is where the commitment stands in the record, Text where a published text with these words stands.
	Entry, Text int64
	// At is the day of the commitment.
	At string
	// Sample marks an exercise.
	Sample bool
	// Dialogue, Lang and Version are of the text.
	Dialogue, Lang string
	Version        int
}

// What keeps a file from proving.
var (
	ErrNotAuthorship = errors.New("this is not an authorship file")
	ErrOtherRecord   = errors.New("the file belongs to another record")
	ErrNotEntered    = errors.New("the record has no such entry")
	ErrNotCommitted  = errors.New("the file is not what the record committed to")
	ErrNotPublished  = errors.New("the record holds no published text with these words")
)

// ReadAuthorship reads an authorship file. Errors wrap ErrNotAuthorship.
func ReadAuthorship(b []byte) (*Authorship, error) {
	a, _, err := readAuthorship(b)
	return a, err
}

func readAuthorship(b []byte) (*Authorship, *commitment, error) {
	refuse := func(why string) (*Authorship, *commitment, error) {
		return nil, nil, fmt.Errorf("%w: %s", ErrNotAuthorship, why)
	}
	if len(b) > MaxAuthorship {
		return refuse("it is too long")
	}
	a, c := &Authorship{}, &commitment{}
	if err := strict(b, a); err != nil || a.Format != fileFormat || !a.Entry.Valid() {
		return refuse("its form is not that of " + fileFormat)
	}
	if salt, err := base64.StdEncoding.Strict().DecodeString(a.Salt); err != nil || len(salt) != ledger.SaltSize {
		return refuse("its salt cannot be read")
	}
	if err := strict([]byte(a.Text), c); err != nil || c.Format != commitmentFormat || c.Input == "" {
		return refuse("its text is not a commitment")
	}
	return a, c, nil
}

func strict(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows")
	}
	return nil
}

// check holds an authorship file against an entry, and against a text of its input.
func (a *Authorship) check(c *commitment, e ledger.Entered, texts []ledger.Entered) (*Proven, error) {
	salt, err := base64.StdEncoding.DecodeString(a.Salt)
	if err != nil {
		return nil, ErrNotAuthorship
	}
	if e.Leaf.Type != authorshipType || e.Index < 0 || ledger.DigestOf(salt, []byte(a.Text)) != e.Leaf.Digest {
		return nil, ErrNotCommitted
	}
	for _, t := range texts {
		var said publicText
		if t.Leaf.Type != textType || t.Text == nil || t.Index < 0 || json.Unmarshal(t.Text, &said) != nil {
			continue
		}
		if said.ID == c.Input && DigestOf(said.Lang, said.Paragraphs) == c.Digest {
			return &Proven{c.Input, c.Author, e.Index, t.Index, e.Leaf.At, said.Sample, string(said.Dialogue), said.Lang, said.Version}, nil
		}
	}
	return nil, ErrNotPublished
}

// Prove checks an authorship file against this instance's own record. Errors wrap those above.
func (room *Room) Prove(ctx context.Context, file []byte) (*Proven, error) {
	a, c, err := readAuthorship(file)
	if err != nil {
		return nil, err
	}
	if a.Record != room.o.Ledger.Origin() {
		return nil, ErrOtherRecord
	}
	e, err := room.o.Ledger.ByID(ctx, a.Entry)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, ErrNotEntered
	}
	if err != nil {
		return nil, err
	}
	var in *Input
	err = room.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		in, err = room.Input(tx, c.Input)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return nil, ErrNotPublished
	}
	if err != nil {
		return nil, err
	}
	texts, err := room.o.Ledger.Of(ctx, in.Subject())
	if err != nil {
		return nil, err
	}
	return a.check(c, *e, texts)
}
