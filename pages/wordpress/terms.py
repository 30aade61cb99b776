"""Import the categories and tags that imported items use, with their parent categories."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from pages.articles.models import Category, Tag
from pages.wordpress import slugs
from pages.wordpress.html.markup import html_to_text
from pages.wordpress.models import ImportedKind, ImportLedger, content_digest
from pages.wordpress.report import IMPORTED, LEFT_OUT, SAME, UPDATED, ImportReport, ReportLine
from pages.wordpress.survey import Survey, term_slug
from pages.wordpress.wxr.records import Term

MAX_NAME_CHARS = 80
UNCATEGORIZED_SLUG = "uncategorized"


@dataclass
class TermImporter:
    """Create or find the categories and tags that imported items need."""

    survey: Survey
    ledger: ImportLedger
    report: ImportReport
    categories: dict[str, Category] = field(default_factory=dict)
    tags: dict[str, Tag] = field(default_factory=dict)
    _by_number: dict[str, str] = field(default_factory=dict)

    def import_terms(self) -> None:
        """Create or find all needed rows; in a dry run they are built but not stored."""
        declared = self._declared()
        self._by_number = {
            term.id: term.slug for term in self.survey.head.terms if term.kind == "category"
        }
        needed = dict.fromkeys(self._with_ancestors(declared))
        for kind, slug in needed:
            term = declared[kind, slug]
            if kind == "category":
                self.categories[slug] = self._category(term)
            else:
                self.tags[slug] = self._tag(term)
        self._set_parents(declared)
        unused = len(declared) - len(needed)
        if unused:
            note = ("unused_terms", str(unused))
            self.report.add(ReportLine(LEFT_OUT, "category", notes=(note,)))

    def category(self, slugs_: list[str], main: str) -> tuple[Category, list[Category]]:
        """Return an article's main category and its further categories."""
        known = list(dict.fromkeys(slug for slug in slugs_ if slug in self.categories))
        chosen = self._by_number.get(main, "")
        real = [slug for slug in known if slug != UNCATEGORIZED_SLUG]
        first = chosen if chosen in known else next(iter(real or known), "")
        if not first:
            return self._uncategorized(), []
        further = [self.categories[slug] for slug in real if slug != first]
        return self.categories[first], further

    def redirects(self) -> Iterator[tuple[str, str]]:
        """Yield redirects from old category and tag archives and their feeds."""
        base = self.survey.base_path
        declared = self._declared()
        for slug, row in self.categories.items():
            new = row.get_absolute_url()
            for path in {slug, "/".join([*self._ancestor_slugs(declared, slug), slug])}:
                yield f"{base}/category/{path}/", new
                yield f"{base}/category/{path}/feed/", row.feed_urls()[0]
            term = declared["category", slug]
            if term.id:
                yield f"/?cat={term.id}", new
        for slug, tag in self.tags.items():
            yield f"{base}/tag/{slug}/", tag.get_absolute_url()
            yield f"{base}/tag/{slug}/feed/", tag.get_absolute_url()
            yield f"/?tag={slug}", tag.get_absolute_url()

    # --- which terms are needed ---
    def _declared(self) -> dict[tuple[str, str], Term]:
        """Return the terms that the head declares, plus those that only items name."""
        terms = {(term.kind, term.slug): term for term in self.survey.head.terms if term.slug}
        for key, used in self.survey.used_terms.items():
            terms.setdefault(key, Term(used.kind, term_slug(used), used.name or used.slug))
        return terms

    def _with_ancestors(self, declared: dict[tuple[str, str], Term]) -> Iterator[tuple[str, str]]:
        for kind, slug in self.survey.used_terms:
            if kind == "category":
                for above in self._ancestor_slugs(declared, slug):
                    yield kind, above
            yield kind, slug

    def _ancestor_slugs(self, declared: dict[tuple[str, str], Term], slug: str) -> list[str]:
        """Return the parent categories, topmost first.

        Some exports name the parent by its name instead of its slug.
        """
        by_name = {t.name: t.slug for t in declared.values() if t.kind == "category"}
        ancestors: list[str] = []
        parent = declared["category", slug].parent
        while parent:
            parent = parent if ("category", parent) in declared else by_name.get(parent, "")
            if not parent or parent in (slug, *ancestors):
                break
            ancestors.append(parent)
            parent = declared["category", parent].parent
        return ancestors[::-1]

    # --- rows ---
    def _category(self, term: Term) -> Category:
        row = self._find_or_create(ImportedKind.CATEGORY, Category, term)
        return row if isinstance(row, Category) else Category(**self._new_values(Category, term))

    def _tag(self, term: Term) -> Tag:
        row = self._find_or_create(ImportedKind.TAG, Tag, term)
        return row if isinstance(row, Tag) else Tag(**self._new_values(Tag, term))

    def _find_or_create(
        self, kind: str, model: type[Category] | type[Tag], term: Term
    ) -> Category | Tag | None:
        """Return the row of an earlier import, else one with this slug or name, else a new one."""
        row: Category | Tag | None = None
        if (before := self.ledger.find(kind, term.slug)) is not None:
            row = model.objects.filter(pk=before.object_key).first()
        name = self._name(term)
        row = (
            row
            or model.objects.filter(slug=slugs.make_slug(term.slug, name)).first()
            or model.objects.filter(name__iexact=name).first()
        )
        verdict = SAME if row else IMPORTED
        if row is None and self.ledger.writes:
            row = model.objects.create(**self._new_values(model, term))
        if row is not None and before is not None and self._may_rename(row, before.digest, name):
            row.name = name
            row.save(update_fields=["name"])
            verdict = UPDATED
        if row is not None and row.pk and (before is None or verdict == UPDATED):
            self.ledger.remember(kind, term.slug, row.pk, content_digest({"name": row.name}))
        address = row.get_absolute_url() if row and row.pk else ""
        self.report.add(ReportLine(verdict, kind, term.slug, name, address=address))
        return row

    def _may_rename(self, row: Category | Tag, before: str, name: str) -> bool:
        """Return whether to apply a new name from WordPress: not if staff have renamed it here."""
        if (
            not self.ledger.writes
            or row.name == name
            or content_digest({"name": row.name}) != before
        ):
            return False
        return not type(row).objects.filter(name=name).exclude(pk=row.pk).exists()

    def _new_values(self, model: type[Category] | type[Tag], term: Term) -> dict[str, str]:
        name = self._name(term)
        taken = set(model.objects.values_list("slug", flat=True))
        slug = slugs.make_slug(term.slug, name) or f"{term.kind}-{term.id or len(taken) + 1}"
        slug = slugs.unique_slug(slug[:MAX_NAME_CHARS].strip("-"), taken.__contains__)
        if model.objects.filter(name=name).exists():
            # Two categories with the same name, under different parents.
            name = f"{name[: MAX_NAME_CHARS - 20]} ({slug[:16]})"
        values = {"name": name, "slug": slug}
        return values | ({"summary": html_to_text(term.description)} if model is Category else {})

    def _name(self, term: Term) -> str:
        return (html_to_text(term.name) or term.slug)[:MAX_NAME_CHARS]

    def _set_parents(self, declared: dict[tuple[str, str], Term]) -> None:
        """Set parents on categories that have none here, without creating cycles."""
        if not self.ledger.writes:
            return
        for slug, row in self.categories.items():
            above = self._ancestor_slugs(declared, slug)
            wider = self.categories.get(above[-1]) if above else None
            if (
                wider
                and row.parent_id is None
                and wider.pk not in {c.pk for c in row.with_descendants()}
            ):
                row.parent = wider
                row.save(update_fields=["parent"])

    def _uncategorized(self) -> Category:
        if UNCATEGORIZED_SLUG not in self.categories:
            row = Category.objects.filter(slug=UNCATEGORIZED_SLUG).first()
            if row is None:
                row = Category(name=_("Uncategorized"), slug=UNCATEGORIZED_SLUG)
                if self.ledger.writes:
                    row.save()
            self.categories[UNCATEGORIZED_SLUG] = row
        return self.categories[UNCATEGORIZED_SLUG]
