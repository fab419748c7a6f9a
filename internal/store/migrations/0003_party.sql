-- An organisation that takes part. type is a stakeholder type of the mechanism's preset; country is an ISO 3166-1
-- alpha-2 code or empty; listed tells whether it has agreed to stand on public lists, and answered when it last
-- said so, either way.
create table organisation (
  org      text    not null,
  id       text    not null,
  type     text    not null,
  name     text    not null,
  country  text    not null,
  listed   integer not null,
  answered bigint  not null,
  created  bigint  not null,
  primary key (org, id)
);

-- A person with an account. email_key is the address as it is compared. erases is the day on which the personal
-- data go; once they have gone, erased is set, the texts are empty, and the row only keeps the total right.
create table person (
  org        text   not null,
  id         text   not null,
  name       text   not null,
  salutation text   not null,
  email      text   not null,
  email_key  text   not null,
  lang       text   not null,
  created    bigint not null,
  joined     bigint not null default 0,
  erases     bigint not null,
  warned     bigint not null default 0,
  erased     bigint not null default 0,
  primary key (org, id)
);
create unique index person_email on person (org, email_key) where email_key <> '';
create index person_erases on person (org, erases);

-- What a person may do and where: a role in a scope. body is set for a dialogue and names the body it belongs to.
create table role (
  org        text   not null,
  id         text   not null,
  person     text   not null,
  role       text   not null,
  scope_kind text   not null,
  scope      text   not null,
  body       text   not null,
  granted    bigint not null,
  primary key (org, id),
  foreign key (org, person) references person (org, id)
);
create unique index role_once on role (org, person, role, scope_kind, scope);
create index role_holders on role (org, role, scope_kind, scope);

-- Every change of a role, with who made it. person and actor are empty for someone whose data have been erased;
-- actor is also empty for what the operator did when the instance was set up.
create table role_change (
  org        text   not null,
  id         text   not null,
  at         bigint not null,
  change     text   not null,
  person     text   not null,
  role       text   not null,
  scope_kind text   not null,
  scope      text   not null,
  body       text   not null,
  actor      text   not null,
  primary key (org, id)
);
create index role_change_person on role_change (org, person, at);
create index role_change_at on role_change (org, at);

-- Somebody asked for a link; whether the address is known is found out later, out of the asker's sight.
create table signin_request (
  org     text   not null,
  id      text   not null,
  email   text   not null,
  lang    text   not null,
  next    text   not null,
  created bigint not null,
  primary key (org, id)
);

-- One-time links by the SHA-256 of their token. A link that has been used is deleted. email is the new address
-- that a link of purpose email proves; it is empty for the others.
create table signin_link (
  org     text   not null,
  hash    bytea  not null,
  person  text   not null,
  purpose text   not null,
  email   text   not null,
  next    text   not null,
  created bigint not null,
  expires bigint not null,
  primary key (org, hash),
  foreign key (org, person) references person (org, id)
);
create index signin_link_person on signin_link (org, person);

-- How often a link was asked for in the running window: for one address by its hash, for all by the empty hash.
create table signin_throttle (
  org   text    not null,
  hash  bytea   not null,
  until bigint  not null,
  n     integer not null,
  primary key (org, hash)
);

-- Sessions by the SHA-256 of their token. id is what the person's own list calls them.
create table session (
  org     text   not null,
  hash    bytea  not null,
  id      text   not null,
  person  text   not null,
  how     text   not null,
  passkey text   not null,
  created bigint not null,
  seen    bigint not null,
  primary key (org, hash),
  foreign key (org, person) references person (org, id)
);
create index session_person on session (org, person);

-- Passkeys by their credential id. host is the name they were made for; credential is what checks them, as JSON.
create table passkey (
  org        text   not null,
  id         bytea  not null,
  person     text   not null,
  name       text   not null,
  host       text   not null,
  credential text   not null,
  created    bigint not null,
  used       bigint not null,
  primary key (org, id),
  foreign key (org, person) references person (org, id)
);
create index passkey_person on passkey (org, person);

-- Challenges that have been answered, until they would have run out anyway.
create table passkey_spent (
  org   text   not null,
  hash  bytea  not null,
  until bigint not null,
  primary key (org, hash)
);

-- The key that seals passkey challenges while they are with the browser.
create table passkey_key (
  org     text   not null,
  name    text   not null,
  value   bytea  not null,
  primary key (org, name)
);
