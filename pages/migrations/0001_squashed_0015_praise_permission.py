"""Make all tables of this app in one step.

A new database runs this migration alone. A database that has run some of the migrations named in
``replaces`` goes on with those, which stay beside this file.
"""

import django.core.validators
import django.db.models.deletion
import pages.articles.models
import pages.practice.crisis_lines
import pages.practice.places
import uuid
from django.conf import settings
from django.db import migrations, models

SQLITE = """
    CREATE VIRTUAL TABLE IF NOT EXISTS pages_search USING fts5(
        title, summary, body,
        content='pages_searchentry', content_rowid='id',
        tokenize='porter unicode61 remove_diacritics 2', prefix='2 3'
    )
"""
POSTGRESQL = (
    "ALTER TABLE pages_searchentry ADD COLUMN vector tsvector",
    "CREATE INDEX search_entry_vector ON pages_searchentry USING gin (vector)",
)


def make_index(apps, schema_editor):
    """Make the full-text index, which no model field can describe."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in POSTGRESQL:
            schema_editor.execute(statement)
    else:
        schema_editor.execute(SQLITE)


def drop_index(apps, schema_editor):
    # PostgreSQL's column goes with its table.
    if schema_editor.connection.vendor != "postgresql":
        schema_editor.execute("DROP TABLE IF EXISTS pages_search")


class Migration(migrations.Migration):

    replaces = [
        ('pages', '0001_initial'),
        ('pages', '0002_booking_times'),
        ('pages', '0003_booking_times'),
        ('pages', '0004_free_pages_redirects'),
        ('pages', '0005_moving_in_from_wordpress'),
        ('pages', '0006_pictures'),
        ('pages', '0007_revisions_blocks_menus'),
        ('pages', '0008_composite_stories'),
        ('pages', '0009_search_index'),
        ('pages', '0010_comment_settings'),
        ('pages', '0011_feeds_and_search_words'),
        ('pages', '0012_legal_switches'),
        ('pages', '0013_longer_page_titles'),
        ('pages', '0014_roles'),
        ('pages', '0015_praise_permission'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CleanedText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cleaner_version', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': 'cleaned text',
                'verbose_name_plural': 'cleaned text',
            },
        ),
        migrations.CreateModel(
            name='CrisisLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('country', models.CharField(choices=[('AR', 'Argentina'), ('AT', 'Austria'), ('AU', 'Australia'), ('BE', 'Belgium'), ('BG', 'Bulgaria'), ('BR', 'Brazil'), ('CA', 'Canada'), ('CH', 'Switzerland'), ('CL', 'Chile'), ('CY', 'Cyprus'), ('CZ', 'Czechia'), ('DE', 'Germany'), ('DK', 'Denmark'), ('EE', 'Estonia'), ('ES', 'Spain'), ('FI', 'Finland'), ('FR', 'France'), ('GB', 'United Kingdom'), ('GR', 'Greece'), ('HR', 'Croatia'), ('HU', 'Hungary'), ('IE', 'Ireland'), ('IL', 'Israel'), ('IN', 'India'), ('IS', 'Iceland'), ('IT', 'Italy'), ('JP', 'Japan'), ('KE', 'Kenya'), ('LT', 'Lithuania'), ('LU', 'Luxembourg'), ('LV', 'Latvia'), ('MT', 'Malta'), ('MX', 'Mexico'), ('NG', 'Nigeria'), ('NL', 'Netherlands'), ('NO', 'Norway'), ('NZ', 'New Zealand'), ('PH', 'Philippines'), ('PL', 'Poland'), ('PT', 'Portugal'), ('RO', 'Romania'), ('SE', 'Sweden'), ('SG', 'Singapore'), ('SI', 'Slovenia'), ('SK', 'Slovakia'), ('TR', 'Türkiye'), ('UA', 'Ukraine'), ('US', 'United States'), ('ZA', 'South Africa')], max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}\\Z', 'Enter a country code of two capital letters, like US.')], verbose_name='country')),
                ('kind', models.CharField(choices=[('emergency', 'Emergency number'), ('line', 'Someone to talk to')], default='line', max_length=10, verbose_name='kind')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('sms_number', models.CharField(blank=True, max_length=40, verbose_name='number for text messages')),
                ('sms_text', models.CharField(blank=True, help_text='Like HOME, where a word is asked for.', max_length=40, verbose_name='words to send')),
                ('url', models.URLField(blank=True, verbose_name='website')),
                ('hours', models.CharField(blank=True, max_length=80, verbose_name='hours')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
            ],
            options={
                'verbose_name': 'crisis line',
                'verbose_name_plural': 'crisis lines',
                'ordering': ['country', 'order', 'pk'],
            },
            bases=(pages.practice.crisis_lines.Reachable, models.Model),
        ),
        migrations.CreateModel(
            name='FrequentQuestion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='address')),
                ('question', models.CharField(max_length=200, verbose_name='question')),
                ('answer', models.TextField(verbose_name='answer')),
                ('is_on_home', models.BooleanField(default=False, verbose_name='show on the home page')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PracticeProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(default='', max_length=120, verbose_name='name')),
                ('tagline', models.CharField(blank=True, default='', max_length=200, verbose_name='tagline')),
                ('discreet_name', models.CharField(blank=True, help_text='Stands in mails and calendars, where other people may see it. Leave words like “therapy” out. Left empty, the first name of the practitioner is used.', max_length=60, verbose_name='discreet name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='phone')),
                ('address', models.TextField(blank=True, help_text='As on an envelope, one line each.', verbose_name='address')),
                ('address_is_hidden', models.BooleanField(default=False, help_text='Visitors then see the area served; the street is told once a time is agreed.', verbose_name='hide the address')),
                ('area_served', models.CharField(blank=True, max_length=160, verbose_name='area served')),
                ('country', models.CharField(choices=[('AR', 'Argentina'), ('AT', 'Austria'), ('AU', 'Australia'), ('BE', 'Belgium'), ('BG', 'Bulgaria'), ('BR', 'Brazil'), ('CA', 'Canada'), ('CH', 'Switzerland'), ('CL', 'Chile'), ('CY', 'Cyprus'), ('CZ', 'Czechia'), ('DE', 'Germany'), ('DK', 'Denmark'), ('EE', 'Estonia'), ('ES', 'Spain'), ('FI', 'Finland'), ('FR', 'France'), ('GB', 'United Kingdom'), ('GR', 'Greece'), ('HR', 'Croatia'), ('HU', 'Hungary'), ('IE', 'Ireland'), ('IL', 'Israel'), ('IN', 'India'), ('IS', 'Iceland'), ('IT', 'Italy'), ('JP', 'Japan'), ('KE', 'Kenya'), ('LT', 'Lithuania'), ('LU', 'Luxembourg'), ('LV', 'Latvia'), ('MT', 'Malta'), ('MX', 'Mexico'), ('NG', 'Nigeria'), ('NL', 'Netherlands'), ('NO', 'Norway'), ('NZ', 'New Zealand'), ('PH', 'Philippines'), ('PL', 'Poland'), ('PT', 'Portugal'), ('RO', 'Romania'), ('SE', 'Sweden'), ('SG', 'Singapore'), ('SI', 'Slovenia'), ('SK', 'Slovakia'), ('TR', 'Türkiye'), ('UA', 'Ukraine'), ('US', 'United States'), ('ZA', 'South Africa')], default='US', help_text='Decides which emergency and crisis lines every page shows.', max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}\\Z', 'Enter a country code of two capital letters, like US.')], verbose_name='country')),
                ('time_zone', models.CharField(default='UTC', max_length=64, validators=[pages.practice.places.validate_time_zone], verbose_name='time zone')),
                ('currency', models.CharField(default='USD', max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}\\Z', 'Enter a currency code of three capital letters, like USD.')], verbose_name='currency')),
                ('accepting', models.CharField(choices=[('accepting', 'Accepting new people'), ('waitlist', 'Waiting list open'), ('closed', 'Not taking new people')], default='accepting', help_text='Changes the badge, the buttons and the form on the whole site.', max_length=10, verbose_name='new people')),
                ('reply_within_days', models.PositiveSmallIntegerField(default=2, help_text='Business days. The form, the mails and the lists for staff show this promise.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(14)], verbose_name='answer a request within')),
                ('comment_reply_days', models.PositiveSmallIntegerField(default=2, help_text='Days.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(30)], verbose_name='read a comment within')),
                ('reference_prefix', models.CharField(default='HC', help_text='The letters before a reference, as in HC-7K4M2.', max_length=4, verbose_name='reference prefix')),
                ('home_heading', models.CharField(blank=True, max_length=160, verbose_name='home page heading')),
                ('home_lead', models.TextField(blank=True, verbose_name='home page lead')),
                ('concerns', models.TextField(blank=True, help_text='One a line, as “Title: a sentence in the words of the person who has it.”', verbose_name='what people bring')),
                ('is_licence_bound', models.BooleanField(default=True, help_text='On when licenses limit where you may work.', verbose_name='ask where a person will be')),
                ('sees_minors', models.BooleanField(default=False, verbose_name='sees people under 18')),
                ('answers_by_email', models.BooleanField(default=True, verbose_name='answers by email')),
                ('answers_by_call', models.BooleanField(default=True, verbose_name='answers by calling')),
                ('answers_by_text', models.BooleanField(default=False, verbose_name='answers by text message')),
                ('meets_by_phone', models.BooleanField(default=True, verbose_name='meets by phone')),
                ('meets_by_video', models.BooleanField(default=True, verbose_name='meets by video')),
                ('meets_in_person', models.BooleanField(default=False, verbose_name='meets in person')),
                ('asks_note', models.BooleanField(default=True, help_text='The optional “anything that helps us prepare” on the request form.', verbose_name='ask for a short note')),
                ('comments_are_on', models.BooleanField(default=True, verbose_name='comments under articles')),
                ('covered_entity', models.BooleanField(default=False, help_text='Publishes the Notice of Privacy Practices, linked on every page.', verbose_name='HIPAA covered entity')),
                ('shows_good_faith_estimate', models.BooleanField(default=False, help_text='Of the United States, for people who pay without insurance.', verbose_name='show the Good Faith Estimate notice')),
                ('demo_notice', models.CharField(blank=True, help_text='Shown at the foot of every page of a demonstration site.', max_length=200, verbose_name='demonstration notice')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('reminds_twice', models.BooleanField(default=False, help_text='Two hours before a call, besides the reminder a day before.', verbose_name='remind a second time')),
                ('comment_notice', models.CharField(choices=[('soon', 'When one comes, at most once an hour'), ('daily', 'Once a day, while some wait'), ('never', 'Never')], default='soon', help_text='The mail says how many wait, and not one word of them.', max_length=10, verbose_name='tell us of new comments')),
                ('comment_notice_email', models.EmailField(blank=True, help_text='Left empty, it goes to the address of the practice.', max_length=254, verbose_name='address for it')),
                ('comment_notice_hour', models.PositiveSmallIntegerField(default=8, help_text='The hour, 0 to 23, in the time zone of the practice.', validators=[django.core.validators.MaxValueValidator(23)], verbose_name='daily at')),
                ('comments_close_after_days', models.PositiveSmallIntegerField(default=14, help_text='Days since the article was published.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)], verbose_name='close after')),
                ('comments_close_by_age', models.BooleanField(default=False, help_text='An article with a last day of its own keeps that day.', verbose_name='close comments after a while')),
                ('feeds_are_full', models.BooleanField(default=True, help_text='Otherwise the summary with a link. Whole ones can be read without a trace.', verbose_name='whole articles in the feeds')),
                ('follows_gdpr', models.BooleanField(default=False, help_text='People then agree expressly, and the privacy page names their rights.', verbose_name='European or British data protection law (GDPR)')),
                ('has_imprint', models.BooleanField(default=False, help_text='Germany, Austria and others ask for one. Write it under Pages, Imprint.', verbose_name='publish an imprint (Impressum)')),
            ],
            options={
                'verbose_name': 'practice',
                'verbose_name_plural': 'practice',
            },
        ),
        migrations.CreateModel(
            name='Redirect',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_path', models.CharField(help_text='The part after your domain, like /2021/05/on-rest/ or /?p=12.', max_length=500, unique=True, verbose_name='old address')),
                ('new_path', models.CharField(help_text='An address on this site, like /articles/on-rest/.', max_length=500, verbose_name='new address')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='since')),
            ],
            options={
                'verbose_name': 'old address',
                'verbose_name_plural': 'old addresses',
                'ordering': ['old_path'],
            },
        ),
        migrations.CreateModel(
            name='SearchSynonyms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('groups', models.TextField(blank=True, help_text='One group a line, the words set apart by commas.', verbose_name='words that mean the same')),
            ],
            options={
                'verbose_name': 'synonyms of the search',
                'verbose_name_plural': 'synonyms of the search',
            },
        ),
        migrations.CreateModel(
            name='Service',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='address')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('summary', models.TextField(blank=True, help_text='One or two sentences.', verbose_name='summary')),
                ('who_for', models.TextField(blank=True, help_text='One a line, in plain words.', verbose_name='who it suits')),
                ('body', models.TextField(blank=True, verbose_name='what a session is like')),
                ('minutes', models.PositiveSmallIntegerField(default=50, verbose_name='length in minutes')),
                ('formats', models.CharField(blank=True, help_text='Like “in the room or by video”.', max_length=120, verbose_name='how')),
                ('disclaimer', models.TextField(blank=True, help_text='What this service is not. Coaching, for one, is not therapy.', verbose_name='disclaimer')),
                ('accepting', models.CharField(blank=True, choices=[('accepting', 'Accepting new people'), ('waitlist', 'Waiting list open'), ('closed', 'Not taking new people')], help_text='Left empty, the status of the practice holds.', max_length=10, verbose_name='new people')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('is_published', models.BooleanField(default=True, verbose_name='shown on the site')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
            ],
            options={
                'verbose_name': 'service',
                'verbose_name_plural': 'services',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='SitePage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(choices=[('about', 'About'), ('services', 'Services'), ('fees', 'Fees'), ('what-to-expect', 'What to expect'), ('faq', 'Questions people ask'), ('contact', 'Contact'), ('crisis', 'Get help now'), ('privacy', 'Privacy'), ('accessibility', 'Accessibility'), ('terms', 'Terms'), ('comment-policy', 'Comment policy'), ('notice-of-privacy-practices', 'Notice of Privacy Practices'), ('good-faith-estimate', 'Good Faith Estimate'), ('imprint', 'Imprint'), ('consultation', 'Free consultation')], max_length=40, unique=True, verbose_name='page')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('lead', models.TextField(blank=True, verbose_name='lead')),
                ('body', models.TextField(blank=True, help_text='Names in braces, like {practice_name}, are filled in from your settings.', verbose_name='text')),
                ('is_template', models.BooleanField(default=False, help_text='Shows that a lawyer has not checked this page yet.', verbose_name='mark as a template')),
                ('updated_on', models.DateField(blank=True, null=True, verbose_name='date shown')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='saved at')),
                ('review_on', models.DateField(blank=True, help_text='From this day on the first page of the admin reminds you. Nothing else.', null=True, verbose_name='look at it again by')),
            ],
            options={
                'verbose_name': 'page',
                'verbose_name_plural': 'pages',
                'ordering': ['key'],
            },
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='address')),
            ],
            options={
                'verbose_name': 'tag',
                'verbose_name_plural': 'tags',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('slug', models.SlugField(max_length=80, unique=True, verbose_name='address')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('parent', models.ForeignKey(blank=True, help_text='The wider topic. Its page also lists the articles of this one.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='children', to='pages.category', verbose_name='belongs to')),
            ],
            options={
                'verbose_name': 'category',
                'verbose_name_plural': 'categories',
                'ordering': ['order', 'name'],
            },
        ),
        migrations.CreateModel(
            name='FreePage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published')], default='draft', max_length=10, verbose_name='status')),
                ('published_at', models.DateTimeField(blank=True, help_text='Set a time in the future to schedule. Left empty, publishing sets the present time.', null=True, verbose_name='published at')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='saved at')),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('slug', models.SlugField(max_length=120, verbose_name='address')),
                ('path', models.CharField(editable=False, max_length=400, unique=True, verbose_name='whole address')),
                ('lead', models.TextField(blank=True, verbose_name='lead')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('updated_on', models.DateField(blank=True, null=True, verbose_name='date shown')),
                ('search_text', models.TextField(blank=True, default='', editable=False)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='pages.freepage', verbose_name='below the page')),
                ('review_on', models.DateField(blank=True, help_text='From this day on the first page of the admin reminds you. Nothing else.', null=True, verbose_name='look at it again by')),
                ('search_description', models.CharField(blank=True, help_text='Left empty, the summary. About 150 letters are shown.', max_length=200, verbose_name='description for search engines')),
                ('search_title', models.CharField(blank=True, help_text='Left empty, the title. About 60 letters are shown.', max_length=120, verbose_name='title for search engines')),
            ],
            options={
                'verbose_name': 'free page',
                'verbose_name_plural': 'free pages',
                'ordering': ['order', 'title'],
            },
        ),
        migrations.CreateModel(
            name='ImportedItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=200, verbose_name='from')),
                ('kind', models.CharField(choices=[('article', 'article'), ('page', 'page'), ('category', 'category'), ('tag', 'tag'), ('picture', 'picture'), ('comment', 'comment')], max_length=10, verbose_name='kind')),
                ('key', models.CharField(max_length=250, verbose_name='number there')),
                ('object_key', models.CharField(max_length=40, verbose_name='key here')),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('imported_at', models.DateTimeField(verbose_name='taken at')),
            ],
            options={
                'verbose_name': 'imported item',
                'verbose_name_plural': 'imported items',
                'indexes': [models.Index(fields=['kind', 'object_key'], name='imported_item_here')],
                'constraints': [models.UniqueConstraint(fields=('source', 'kind', 'key'), name='imported_item_taken_once')],
            },
        ),
        migrations.CreateModel(
            name='MenuEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(choices=[('header', 'Header'), ('footer', 'Footer')], max_length=10, verbose_name='place')),
                ('heading', models.CharField(blank=True, help_text='Links with the same heading stand together in the footer.', max_length=60, verbose_name='footer heading')),
                ('label', models.CharField(blank=True, help_text='Left empty, the title of the page.', max_length=60, verbose_name='words')),
                ('page', models.CharField(blank=True, choices=[('about', 'About'), ('services', 'Services'), ('fees', 'Fees'), ('what-to-expect', 'What to expect'), ('faq', 'Questions people ask'), ('contact', 'Contact'), ('crisis', 'Get help now'), ('privacy', 'Privacy'), ('accessibility', 'Accessibility'), ('terms', 'Terms'), ('comment-policy', 'Comment policy'), ('notice-of-privacy-practices', 'Notice of Privacy Practices'), ('good-faith-estimate', 'Good Faith Estimate'), ('imprint', 'Imprint'), ('consultation', 'Free consultation'), ('home', 'Home'), ('articles', 'Articles'), ('what-we-collect', 'What we collect'), ('search', 'Search'), ('rss', 'RSS feed')], max_length=40, verbose_name='page')),
                ('address', models.CharField(blank=True, help_text='From the slash on this site, or beginning with https:// elsewhere.', max_length=300, verbose_name='other address')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('category', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='pages.category', verbose_name='category')),
                ('free_page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, to='pages.freepage', verbose_name='free page')),
            ],
            options={
                'verbose_name': 'menu entry',
                'verbose_name_plural': 'menus',
                'ordering': ['place', 'order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Picture',
            fields=[
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text='For finding it here; readers do not see it.', max_length=120, verbose_name='name')),
                ('alt', models.CharField(blank=True, help_text='What the picture tells, in a sentence. Not “picture of”.', max_length=300, verbose_name='description for those who do not see it')),
                ('is_decorative', models.BooleanField(default=False, help_text='It tells nothing that the text does not say; screen readers pass over it.', verbose_name='decorative')),
                ('caption', models.CharField(blank=True, max_length=500, verbose_name='caption')),
                ('credit', models.CharField(blank=True, help_text='Who took or drew it.', max_length=200, verbose_name='credit')),
                ('width', models.PositiveIntegerField(editable=False, verbose_name='width')),
                ('height', models.PositiveIntegerField(editable=False, verbose_name='height')),
                ('focus', models.CharField(choices=[('top-left', 'at the top left'), ('top', 'at the top'), ('top-right', 'at the top right'), ('left', 'on the left'), ('centre', 'in the middle'), ('right', 'on the right'), ('bottom-left', 'at the bottom left'), ('bottom', 'at the bottom'), ('bottom-right', 'at the bottom right')], default='centre', help_text='Kept in sight where a picture is cut to the shape of its place.', max_length=12, verbose_name='what matters most is')),
                ('variants', models.CharField(choices=[('due', 'being prepared'), ('made', 'ready'), ('bad', 'could not be prepared')], default='due', editable=False, max_length=4, verbose_name='sizes')),
                ('digest', models.CharField(blank=True, db_index=True, editable=False, max_length=64)),
                ('uploaded_at', models.DateTimeField(editable=False, verbose_name='uploaded at')),
                ('uploaded_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='uploaded by')),
            ],
            options={
                'verbose_name': 'picture',
                'verbose_name_plural': 'pictures',
                'ordering': ['-uploaded_at', 'uuid'],
                'permissions': [('change_everybodys_picture', 'Can change everybody’s pictures, not only own ones')],
                'indexes': [models.Index(fields=['variants'], name='picture_variants')],
                'constraints': [models.CheckConstraint(condition=models.Q(('is_decorative', True), models.Q(('alt', ''), _negated=True), _connector='OR'), name='picture_is_described')],
            },
        ),
        migrations.CreateModel(
            name='OpeningHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.PositiveSmallIntegerField(choices=[(0, 'Monday'), (1, 'Tuesday'), (2, 'Wednesday'), (3, 'Thursday'), (4, 'Friday'), (5, 'Saturday'), (6, 'Sunday')], verbose_name='weekday')),
                ('opens_at', models.TimeField(verbose_name='opens at')),
                ('closes_at', models.TimeField(verbose_name='closes at')),
                ('profile', models.ForeignKey(default=1, on_delete=django.db.models.deletion.CASCADE, related_name='opening_hours', to='pages.practiceprofile')),
            ],
            options={
                'verbose_name': 'opening hours',
                'verbose_name_plural': 'opening hours',
                'ordering': ['weekday', 'opens_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='opening_hours_end_after_start', violation_error_message='Closing time comes after opening time.')],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField(unique=True, verbose_name='date')),
                ('label', models.CharField(blank=True, max_length=80, verbose_name='label')),
                ('profile', models.ForeignKey(default=1, on_delete=django.db.models.deletion.CASCADE, related_name='holidays', to='pages.practiceprofile')),
            ],
            options={
                'verbose_name': 'holiday',
                'verbose_name_plural': 'holidays',
                'ordering': ['on'],
            },
        ),
        migrations.CreateModel(
            name='Practitioner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='The last part of the page’s address. Choose another word than the login.', max_length=80, unique=True, verbose_name='address')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('discreet_name', models.CharField(blank=True, help_text='Stands in mails and calendars. Left empty, the first name is used.', max_length=60, verbose_name='discreet name')),
                ('pronouns', models.CharField(blank=True, max_length=40, verbose_name='pronouns')),
                ('role', models.CharField(blank=True, max_length=120, verbose_name='role')),
                ('credentials', models.CharField(blank=True, help_text='Exactly as licensed.', max_length=160, verbose_name='credentials')),
                ('intro', models.TextField(blank=True, help_text='About three lines.', verbose_name='short introduction')),
                ('about_me', models.TextField(blank=True, verbose_name='what to know about me')),
                ('approach', models.TextField(blank=True, verbose_name='how I work')),
                ('what_to_expect', models.TextField(blank=True, verbose_name='what to expect')),
                ('training', models.TextField(blank=True, help_text='One a line.', verbose_name='training')),
                ('supervisor', models.CharField(blank=True, help_text='For trainees and associates: name and license of the supervisor.', max_length=160, verbose_name='supervisor')),
                ('time_zone', models.CharField(blank=True, default='', help_text='Left empty, the time zone of the practice is used.', max_length=64, validators=[pages.practice.places.validate_time_zone], verbose_name='time zone')),
                ('organizer_email', models.EmailField(blank=True, help_text='Left empty, the email of the practice is used.', max_length=254, verbose_name='email for calendar invitations')),
                ('is_bookable', models.BooleanField(default=True, verbose_name='takes consultations')),
                ('is_published', models.BooleanField(default=True, verbose_name='shown on the site')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='updated at')),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='practitioner', to=settings.AUTH_USER_MODEL, verbose_name='staff account')),
                ('portrait', models.ForeignKey(blank=True, help_text='An ordinary, recent photograph. Without one, something is drawn.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='pages.picture', verbose_name='portrait')),
            ],
            options={
                'verbose_name': 'practitioner',
                'verbose_name_plural': 'practitioners',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Licence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('number', models.CharField(max_length=60, verbose_name='number')),
                ('jurisdiction', models.CharField(max_length=80, verbose_name='state or country')),
                ('jurisdiction_code', models.CharField(help_text='Like US-OR for Oregon or GB for the United Kingdom.', max_length=8, verbose_name='code')),
                ('board', models.CharField(blank=True, max_length=160, verbose_name='board')),
                ('register_url', models.URLField(blank=True, verbose_name='public register')),
                ('status', models.CharField(choices=[('active', 'active'), ('supervised', 'in supervised practice'), ('inactive', 'inactive')], default='active', max_length=12, verbose_name='status')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='expires on')),
                ('practitioner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='licences', to='pages.practitioner', verbose_name='practitioner')),
            ],
            options={
                'verbose_name': 'license',
                'verbose_name_plural': 'licenses',
                'ordering': ['practitioner__order', 'practitioner_id', 'jurisdiction', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PreviewKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('subject', models.CharField(max_length=40)),
                ('subject_pk', models.BigIntegerField()),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject', 'subject_pk'), name='one_key_a_subject')],
            },
        ),
        migrations.CreateModel(
            name='ReusableBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                ('slug', models.SlugField(help_text='A text shows the block where [[marker]] stands alone in a paragraph.', max_length=60, unique=True, verbose_name='marker')),
                ('kind', models.CharField(choices=[('words', 'Our own words'), ('call', 'Call to the free consultation'), ('crisis', 'Help in a crisis'), ('questions', 'Questions and answers'), ('fees', 'Table of fees')], default='words', max_length=10, verbose_name='kind')),
                ('heading', models.CharField(blank=True, help_text='Left empty, the usual one is used.', max_length=120, verbose_name='heading')),
                ('body', models.TextField(blank=True, help_text='For a block of your own words, or below a heading.', verbose_name='text')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='saved at')),
                ('questions', models.ManyToManyField(blank=True, help_text='Which ones to show. None chosen: all.', related_name='+', to='pages.frequentquestion', verbose_name='questions')),
            ],
            options={
                'verbose_name': 'reusable block',
                'verbose_name_plural': 'reusable blocks',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=40)),
                ('subject_pk', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('saved', 'Saved'), ('change', 'Draft change'), ('published', 'Published'), ('withdrawn', 'Taken back'), ('restored', 'Restored'), ('dropped', 'Draft change dropped'), ('baseline', 'Before the first change')], max_length=10, verbose_name='what happened')),
                ('is_pending', models.BooleanField(default=False)),
                ('snapshot', models.TextField()),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
            ],
            options={
                'verbose_name': 'version',
                'verbose_name_plural': 'versions',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['subject', 'subject_pk', '-id'], name='revision_of_subject')],
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('object_id', models.CharField(max_length=40)),
                ('public_from', models.DateTimeField()),
                ('title', models.TextField()),
                ('summary', models.TextField()),
                ('body', models.TextField()),
            ],
            options={
                'verbose_name': 'search entry',
                'verbose_name_plural': 'search entries',
                'constraints': [models.UniqueConstraint(fields=('kind', 'object_id'), name='search_entry_once')],
            },
        ),
        migrations.CreateModel(
            name='Fee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=120, verbose_name='label')),
                ('minutes', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='length in minutes')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=9, verbose_name='amount')),
                ('is_sliding', models.BooleanField(default=False, verbose_name='sliding scale')),
                ('lowest_amount', models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True, verbose_name='lowest amount')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('service', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='fees', to='pages.service', verbose_name='service')),
            ],
            options={
                'verbose_name': 'fee',
                'verbose_name_plural': 'fees',
                'ordering': ['order', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='fee_amount_not_negative'), models.CheckConstraint(condition=models.Q(('lowest_amount__isnull', True), models.Q(('lowest_amount__gte', 0), ('lowest_amount__lte', models.F('amount'))), _connector='OR'), name='fee_lowest_amount_below_amount', violation_error_message='The lowest amount lies between nothing and the amount.')],
            },
        ),
        migrations.CreateModel(
            name='SocialLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=60, verbose_name='label')),
                ('url', models.URLField(verbose_name='address')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='order')),
                ('profile', models.ForeignKey(default=1, on_delete=django.db.models.deletion.CASCADE, related_name='social_links', to='pages.practiceprofile')),
            ],
            options={
                'verbose_name': 'link to another site',
                'verbose_name_plural': 'links to other sites',
                'ordering': ['order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Article',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published')], default='draft', max_length=10, verbose_name='status')),
                ('published_at', models.DateTimeField(blank=True, help_text='Set a time in the future to schedule. Left empty, publishing sets the present time.', null=True, verbose_name='published at')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='saved at')),
                ('title', models.CharField(max_length=255, verbose_name='title')),
                ('slug', models.SlugField(max_length=120, unique=True, validators=[pages.articles.models.validate_article_slug], verbose_name='address')),
                ('summary', models.CharField(blank=True, help_text='One or two sentences, for cards, search engines and the top of the article.', max_length=300, verbose_name='summary')),
                ('body', models.TextField(blank=True, verbose_name='text')),
                ('references', models.TextField(blank=True, help_text='The works the text relies on.', verbose_name='references')),
                ('comments_are_open', models.BooleanField(default=True, verbose_name='comments open')),
                ('comments_close_on', models.DateField(blank=True, help_text='Left empty, the rule of the practice holds.', null=True, verbose_name='last day for comments')),
                ('call_to_action_heading', models.CharField(blank=True, help_text='Left empty, the words of the practice are used.', max_length=120, verbose_name='heading of the closing call')),
                ('call_to_action_text', models.TextField(blank=True, verbose_name='text of the closing call')),
                ('updated_on', models.DateField(blank=True, help_text='Shown as “Updated”. Leave it empty for small corrections.', null=True, verbose_name='materially changed on')),
                ('reading_minutes', models.PositiveSmallIntegerField(default=1, editable=False, verbose_name='reading time')),
                ('anchors', models.TextField(blank=True, default='', editable=False, help_text='One a line: the id, a tab, the heading.', verbose_name='anchors of headings')),
                ('search_text', models.TextField(blank=True, default='', editable=False)),
                ('category', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='articles', to='pages.category', verbose_name='category')),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='articles', to='pages.practitioner', verbose_name='author')),
                ('tags', models.ManyToManyField(blank=True, related_name='articles', to='pages.tag', verbose_name='tags')),
                ('more_categories', models.ManyToManyField(blank=True, help_text='Their pages list this article too.', related_name='further_articles', to='pages.category', verbose_name='further categories')),
                ('cover', models.ForeignKey(blank=True, help_text='Without one, a picture is drawn for the article.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='pages.picture', verbose_name='cover')),
                ('review_on', models.DateField(blank=True, help_text='From this day on the first page of the admin reminds you. Nothing else.', null=True, verbose_name='look at it again by')),
                ('story_is_composite', models.BooleanField(default=False, help_text='Nobody in this text could be recognised, not even by themselves.', verbose_name='stories are composite or disguised')),
                ('search_description', models.CharField(blank=True, help_text='Left empty, the summary. About 150 letters are shown.', max_length=200, verbose_name='description for search engines')),
                ('search_title', models.CharField(blank=True, help_text='Left empty, the title. About 60 letters are shown.', max_length=120, verbose_name='title for search engines')),
                ('begun_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='begun by')),
                ('praise_permitted_on', models.DateField(blank=True, help_text='The day on which the person quoted agreed in writing. Keep the paper in your own files; their name belongs there, not here.', null=True, verbose_name='permission to quote praise')),
            ],
            options={
                'verbose_name': 'article',
                'verbose_name_plural': 'articles',
                'ordering': ['-published_at', '-pk'],
                'permissions': [('change_everybodys_article', 'Can write in everybody’s articles, not only in own')],
                'indexes': [models.Index(fields=['status', '-published_at', '-id'], name='article_published')],
            },
        ),
        migrations.CreateModel(
            name='OpenPage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(max_length=40)),
                ('subject_pk', models.BigIntegerField()),
                ('seen_at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject', 'subject_pk', 'by'), name='one_open_page_a_person')],
            },
        ),
        migrations.RunPython(make_index, drop_index),
    ]
