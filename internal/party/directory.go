package party

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// Instance is what the directory must know about the house: where it stands and who runs it.
type Instance struct {
	// URL is the address under which people reach it, such as https://dialogue.example.org, without a path.
	URL string
	// Operator is the body that runs it; messages name it.
	Operator string
}

// Message is one message to one person.
type Message struct {
	To      Email
	Name    string // of the person it goes to
	Lang    locale.Lang
	Subject string
	Text    string
	// Secret marks a text with a one-time link: whoever reads it can sign in as the person.
	Secret bool
	// Until is when the message has become useless and need not be sent any more.
	Until time.Time
	// Attachments go with it, such as a letter.
	Attachments []Attachment
}

// Attachment is a file that goes with a message.
type Attachment struct {
	Name, Type string // the file's name and media type
	Body       []byte
}

// Sender puts a message into the outbox in the transaction that causes it.
type Sender interface {
	Queue(tx *store.Tx, org store.Org, m Message) error
}

// Jobs adds work that is done after the transaction that causes it. payload names rows and holds no personal data.
type Jobs interface {
	Add(tx *store.Tx, org store.Org, kind string, payload any, due time.Time) error
}

// Holder is a part of the program that keeps data about persons beyond their account. The directory asks every
// holder when a person exports or withdraws, while it still knows their address.
type Holder interface {
	// Part names the part in the export, such as "application".
	Part() string
	// ExportPerson gives what the part keeps about the person, ready for JSON; nil for nothing.
	ExportPerson(tx *store.Tx, person Person) (any, error)
	// ErasePerson erases it and keeps totals.
	ErasePerson(tx *store.Tx, person Person) error
}

// Named is something that a preset or a wing names in the languages of the pages.
type Named struct {
	ID   string
	Name map[locale.Lang]string
}

// In gives the name in a language, in English where there is none, and the id where there is not even that.
func (n Named) In(lang locale.Lang) string {
	for _, l := range []locale.Lang{lang, locale.English} {
		if name := n.Name[l]; name != "" {
			return name
		}
	}
	return n.ID
}

// Dialogue names a dialogue that roles can be held in.
type Dialogue struct {
	Named
	Body string
}

// Preset is what the mechanism says about parties.
type Preset struct {
	// Roles are the roles that exist in the mechanism.
	Roles []Role
	// Types are the types of stakeholders, such as NGO and academia.
	Types []Named
	// Bodies are the bodies of the mechanism, such as its working groups.
	Bodies []Named
	// States are the States of the mechanism by their ISO 3166-1 alpha-2 code, named as the mechanism names them.
	// Where there are none, pages take codes.
	States []Named
}

// Options are what a directory needs from the rest of the program.
type Options struct {
	DB         *store.DB
	Org        store.Org
	Clock      func() time.Time
	Random     io.Reader
	Log        *slog.Logger
	Catalogues *locale.Catalogues
	Instance   func() Instance
	Mail       Sender
	Jobs       Jobs
	Preset     Preset
	// Dialogues lists the dialogues that roles can be held in; nil for none.
	Dialogues func(*store.Tx) ([]Dialogue, error)
	Holders   []Holder
	// Home is the path of the page that people come to after signing in; "/account" where it is empty.
	Home string
}

// Directory keeps the persons, organisations and roles of one tenant. Its methods may be called from any
// goroutine.
type Directory struct{ o Options }

// New makes a directory on a migrated database.
func New(o Options) (*Directory, error) {
	for _, role := range o.Preset.Roles {
		if !role.Known() {
			return nil, fmt.Errorf("opening the directory: the preset has the role %q, which this program does not know", role)
		}
	}
	if !slices.Contains(o.Preset.Roles, Officer) {
		return nil, errors.New("opening the directory: the preset has no officer; nobody could invite anybody")
	}
	o.Home = cmp.Or(o.Home, "/account")
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Dialogues == nil {
		o.Dialogues = func(*store.Tx) ([]Dialogue, error) { return nil, nil }
	}
	return &Directory{o}, nil
}

func (d *Directory) text(lang locale.Lang, key string, pairs ...any) string {
	return d.o.Catalogues.Text(lang, key, pairs...)
}

// link gives the full address of a page, for messages.
func (d *Directory) link(lang locale.Lang, path string) string {
	return strings.TrimSuffix(d.o.Instance().URL, "/") + "/" + string(lang) + path
}

// linkWithKey gives the full address of the page that a one-time link opens. The key stands in the query, which
// the program's own logs leave out.
func (d *Directory) linkWithKey(lang locale.Lang, s secret.Secret) string {
	return d.link(lang, linkPath(s))
}

func linkPath(s secret.Secret) string { return "/sign-in/link?key=" + url.QueryEscape(s.Reveal()) }

// named finds a name by id.
func named(all []Named, id string) (Named, bool) {
	i := slices.IndexFunc(all, func(n Named) bool { return n.ID == id })
	if i < 0 {
		return Named{ID: id}, false
	}
	return all[i], true
}
