package party

import (
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"rostrum.example/internal/store"
)

// Passkey is one passkey of a person.
type Passkey struct {
	// ID is the credential id that the authenticator chose.
	ID     []byte
	Person PersonID
	Name   string
	// Host is the name of the instance that the passkey was made for; browsers offer it there alone.
	Host    string
	Created time.Time
	Used    time.Time

	credential webauthn.Credential
}

const insertPasskey = `
insert into passkey (org, id, person, name, host, credential, created, used)
values ($1, $2, $3, $4, $5, $6, $7, $8)`

func (d *Directory) insertPasskey(tx *store.Tx, k Passkey) error {
	// What the authenticator said about itself at the making is not needed to check it and says more than it must.
	k.credential.Attestation = webauthn.CredentialAttestation{}
	text, err := json.Marshal(k.credential)
	if err != nil {
		return fmt.Errorf("keeping a passkey: %w", err)
	}
	_, err = tx.Exec(insertPasskey, string(d.o.Org), k.ID, string(k.Person), k.Name, k.Host, string(text), store.Micros(k.Created), store.Micros(k.Used))
	if err != nil {
		return fmt.Errorf("keeping a passkey: %w", err)
	}
	return nil
}

const selectPasskey = `
select id, person, name, host, credential, created, used
from passkey
where org = $1 and id = $2`

const selectPasskeysOf = `
select id, person, name, host, credential, created, used
from passkey
where org = $1 and person = $2
order by created, id`

func scanPasskey(row interface{ Scan(...any) error }) (Passkey, error) {
	var k Passkey
	var person, credential string
	var created, used int64
	err := row.Scan(&k.ID, &person, &k.Name, &k.Host, &credential, &created, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return k, ErrNotFound
	}
	if err != nil {
		return k, fmt.Errorf("reading a passkey: %w", err)
	}
	k.Person, k.Created, k.Used = PersonID(person), store.Time(created), store.Time(used)
	if err := json.Unmarshal([]byte(credential), &k.credential); err != nil {
		return k, fmt.Errorf("reading a passkey: %w", err)
	}
	return k, nil
}

func (d *Directory) passkey(tx *store.Tx, id []byte) (Passkey, error) {
	return scanPasskey(tx.QueryRow(selectPasskey, string(d.o.Org), id))
}

func (d *Directory) passkeys(tx *store.Tx, person PersonID) ([]Passkey, error) {
	rows, err := tx.Query(selectPasskeysOf, string(d.o.Org), string(person))
	if err != nil {
		return nil, fmt.Errorf("reading passkeys: %w", err)
	}
	defer rows.Close()
	var all []Passkey
	for rows.Next() {
		k, err := scanPasskey(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

const updatePasskeyUse = `
update passkey
set credential = $1, used = $2
where org = $3 and id = $4`

func (d *Directory) usedPasskey(tx *store.Tx, id []byte, credential webauthn.Credential, now time.Time) error {
	text, err := json.Marshal(credential)
	if err != nil {
		return err
	}
	return one(tx.Exec(updatePasskeyUse, string(text), store.Micros(now), string(d.o.Org), id))
}

const renamePasskey = `
update passkey
set name = $1
where org = $2 and id = $3 and person = $4`

const deletePasskey = `
delete from passkey
where org = $1 and id = $2 and person = $3`

const deletePasskeysOf = `
delete from passkey
where org = $1 and person = $2`

const insertSpent = `
insert into passkey_spent (org, hash, until)
values ($1, $2, $3)`

// spend takes a challenge out of use; store.ErrConflict tells that it has been answered before.
func (d *Directory) spend(tx *store.Tx, challenge string, until time.Time) error {
	sum := sha256.Sum256([]byte(challenge))
	_, err := tx.Exec(insertSpent, string(d.o.Org), sum[:], store.Micros(until))
	return err
}

const selectKey = `
select value
from passkey_key
where org = $1 and name = $2`

const insertKey = `
insert into passkey_key (org, name, value)
values ($1, $2, $3)
on conflict (org, name) do nothing`

const ceremonyKey = "ceremony"

// sealKey reads the key that seals ceremonies, and draws it at the first use.
func (d *Directory) sealKey(tx *store.Tx) ([]byte, error) {
	var key []byte
	err := tx.QueryRow(selectKey, string(d.o.Org), ceremonyKey).Scan(&key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	return key, err
}

func (d *Directory) drawSealKey(tx *store.Tx) ([]byte, error) {
	key := make([]byte, 32)
	if _, err := io.ReadFull(d.o.Random, key); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(insertKey, string(d.o.Org), ceremonyKey, key); err != nil {
		return nil, err
	}
	return d.sealKey(tx)
}
