package app

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"rostrum.example/format/mechanism"
	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// org is the tenant of an instance that convenes for one body.
const org store.Org = "instance"

// Settings are what the set-up page asks for.
type Settings struct {
	// Operator is the body that runs the instance, as its pages name it.
	Operator string `json:"operator"`
	// Contact is where readers say that something is missing or wrong: a public e-mail address.
	Contact string `json:"contact,omitempty"`
	// Profile is who runs it: secretariat, coalition, shelter, institute or ministry.
	Profile string `json:"profile"`
	// Preset is the mechanism, as the text of its preset file.
	Preset string `json:"preset"`
	// Languages are those that the pages offer.
	Languages []locale.Lang `json:"languages"`
	// Address is where readers reach the instance: https://dialogue.example.org
	Address string `json:"address"`
	// Origin names the public record for ever; it is made of the first address.
	Origin string `json:"origin"`
	// Mail is the server that sends messages; nil leaves them in the outbox.
	Mail *MailSettings `json:"mail,omitempty"`
	// BackupFolder is where a backup is written every night; empty for none.
	BackupFolder string `json:"backup_folder,omitempty"`
	// Exercise tells that this is a demonstration with a sample dialogue that people play.
	Exercise bool `json:"exercise,omitempty"`
}

// MailSettings say how messages leave the instance.
type MailSettings struct {
	Server   string `json:"server"` // host:port
	Username string `json:"username,omitempty"`
	Password string `json:"password,omitempty"`
	From     string `json:"from"`
}

// Profiles lists who may run an instance.
var Profiles = []string{"secretariat", "coalition", "shelter", "institute", "ministry"}

const (
	settingQuery = `
		select value
		from setting
		where name = $1`

	settingKeep = `
		insert into setting (name, value)
		values ($1, $2)
		on conflict (name) do update set value = excluded.value`
)

// readSettings gives nil for an instance that has not been set up.
func readSettings(ctx context.Context, db *store.DB) (*Settings, error) {
	var text string
	err := db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(settingQuery, "instance").Scan(&text)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	var s Settings
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return nil, fmt.Errorf("reading the settings: %w", err)
	}
	return &s, nil
}

func keepSettings(tx *store.Tx, s Settings) error {
	text, err := jsonText(s)
	if err != nil {
		return err
	}
	_, err = tx.Exec(settingKeep, "instance", text)
	return err
}

func (s Settings) mechanism() (*mechanism.Mechanism, error) {
	m, err := mechanism.Read(strings.NewReader(s.Preset))
	if err != nil {
		return nil, fmt.Errorf("reading the mechanism's preset: %w", err)
	}
	return m, nil
}

func (s Settings) hosts() []string {
	u, err := url.Parse(s.Address)
	if err != nil || u.Host == "" {
		return nil
	}
	return []string{u.Host}
}

// originOf names the record after the address at which it is first served, as C2SP tlog-checkpoint asks:
// the log's URL without scheme and trailing slash.
func originOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%q is not the address of a site", address)
	}
	return u.Host + strings.TrimSuffix(u.Path, "/") + "/log", nil
}

// vocabulary takes from a preset what the dialogues' pages call things.
func vocabulary(m *mechanism.Mechanism) *dialogue.Vocabulary {
	v := &dialogue.Vocabulary{
		Mechanism: m.ID, Name: words(m, m.Name),
		GroupNames: map[string]dialogue.Words{}, Needs: map[string]dialogue.Words{},
		CountKinds: map[string]dialogue.Words{}, CountOf: map[string]dialogue.Words{},
	}
	for _, g := range m.WorkingGroups {
		v.Groups = append(v.Groups, g.ID)
		v.GroupNames[g.ID] = words(m, g.Name)
	}
	for _, n := range m.Needs {
		v.Needs[n.ID] = words(m, n.Name)
	}
	for _, k := range m.CountKinds {
		v.CountKinds[k.ID] = words(m, k.Name)
	}
	for _, s := range m.CountSubjects {
		v.CountOf[s.ID] = words(m, s.Name)
	}
	return v
}

func words(m *mechanism.Mechanism, t mechanism.Text) dialogue.Words {
	w := dialogue.Words{}
	for _, in := range t {
		w[locale.Lang(in.Lang)] = dialogue.Wording{Text: in.Text, Status: string(m.Languages.Status(in))}
	}
	return w
}
