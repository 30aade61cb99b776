"""Phrase groups that the scorer counts: topics of advertising, offers, praise, help lines. Data.

A group is evidence, never a verdict: people in trouble write about gambling, debts, pills and sex.
An advertisement is a topic together with an offer, an address or a number. Phrases are separated
by commas and matched as whole folded words; "*" at the end matches any ending.
"""

_GROUP_TEXTS = {
    "pharma": """
        viagra, cialis, levitra, sildenafil, tadalafil, tramadol online, xanax online, ambien
        online, phentermine, modafinil, kamagra, ivermectin, online pharmacy, canadian pharmacy,
        pharmacy without prescription, no prescription needed, without a prescription, generic
        pills, cheap meds, cheap pills, order pills, male enhancement, penis enlargement,
        testosterone booster, erection pills, keto gummies, cbd gummies, cbd oil, diet pills, fat
        burner*, weight loss pills, weight loss supplement*, slimming tea, detox tea, garcinia,
        nootropic*, steroids for sale, buy steroids, hgh, sarms, botox deals, hair growth serum,
        виагра, сиалис, аптека онлайн
    """,
    "gambling": """
        online casino*, casino bonus*, casino online, casino game*, best
        casino*, free spins, slot machine*, slots, online slots, jackpot*,
        roulette, blackjack, baccarat, poker online, online poker, sportsbook,
        sports betting, betting site*, betting tips, betting odds, bookmaker*,
        no deposit bonus, welcome bonus, slot gacor, judi, togel, situs,
        bandar, bola88, bahis, canli bahis, bet365, 1xbet, betting app, fixed
        matches, lottery winner*, казино, ставки на спорт, игровые автоматы,
        вулкан, toto site, casino site, 토토*, 먹튀*, 카지노*, 바카라*, 赌场, 博彩, 百家乐, 彩票,
        娱乐城, カジノ, daftar, aviator game, win every time, sabung ayam, game
        slot, betting bonus
    """,
    "search_ranking": """
        seo, seo service*, seo company, seo expert*, backlink*, link building, page rank,
        pagerank, first page of google, top of google, rank higher, rank on google, search engine
        ranking*, search engine optimization, search engine optimisation, domain authority, guest
        post*, guest posting, sponsored post, link exchange, link insertion, website traffic,
        targeted traffic, more traffic, increase traffic, organic traffic, free traffic, bulk
        emails, email list*, web design company, web development company, digital marketing
        agency, digital marketing, social media marketing, buy followers, instagram followers,
        youtube views, buy likes, real followers, website design, wordpress theme*, wp plugin,
        page builder, conversion rate, lead generation, grow your business, your website is not
        ranking, audit of your website, private blog network, xrumer, dofollow, do follow, keyword
        research, web hosting, раскрутка, продвижение сайта, продвижение сайтов
    """,
    "goods": """
        replica*, replica watches, rolex, louis vuitton, gucci, chanel
        handbag*, prada, michael kors, ray ban, oakley, ugg, uggs, nike air,
        air max, jordans, air jordan*, yeezy, adidas outlet, outlet store,
        outlet online, factory outlet, designer bag*, designer handbags,
        handbags, cheap jerseys, nfl jerseys, moncler, pandora charms, north
        face, burberry, hermes, birkin, wholesale, free shipping, cheap
        price*, best price*, lowest price*, discount code*, coupon code*,
        promo code*, coupon*, discounted, big sale, buy cheap, buy online, for
        sale, order now, shop now, buy now, in stock, vape*, e liquid,
        sunglasses sale, fake id, counterfeit*, fake passport*, buy passport*,
        cloned card*, bank logs, essay writing, essay writer*, essay service*,
        write my essay, term paper*, dissertation help, assignment help,
        homework help online, plagiarism free, ghostwriter*, moving company,
        roofing company, locksmith, plumber near, carpet cleaning, limo
        service, airport transfer, taxi service, car rental, tree service,
        pest control, garage door repair, air duct, real estate agent,
        property for sale, travel package*, tour package*, kitchen remodeling,
        pressure washing, купить, доставка, оптом, недорого, generator, no
        survey, robux, free robux, v bucks, cheap vpn, best vpn, smm panel,
        instant delivery, driving license*, ielts certificate*, スーパーコピー, 激安,
        通販, 偽物, 代开, 发票, 办证, 高仿
    """,
    "money": """
        payday loan*, personal loan*, instant loan*, quick loan*, cash loan*, loan offer*, bad
        credit, credit repair, fix your credit, loan at, low interest, interest rate of, apply for
        a loan, urgent loan, need a loan, loan company, debt relief, cash advance, earn money,
        make money, money online, extra income, passive income, work from home, from home, per
        day, per week, per month, a day from, financial freedom, get rich, investment opportunit*,
        investment platform*, invest with, forex, binary option*, trading signals, expert trader,
        account manager, copy trading, roi, return on investment, multi level, mlm, affiliate
        program*, referral link, referral code, sign up bonus, inheritance fund*, beneficiary,
        next of kin, million dollars, atm card*, blank atm, western union, moneygram, insurance
        quote*, car insurance, cheap insurance, tax relief, surveys for cash, paid survey*,
        giveaway, gift card*, claim your, you have won, заработок, кредит онлайн, займ, займы,
        займы онлайн, без отказа, quick approval, business loan*, invest in, guaranteed profit*,
        profits, trading platform, lost coins
    """,
    "crypto": """
        bitcoin, btc, ethereum, usdt, crypto, cryptocurrenc*, crypto trading, crypto investment,
        crypto wallet, crypto exchange, binance, airdrop*, nft*, mining pool, bitcoin mining,
        token sale, presale, altcoin*, metamask, seed phrase, recover your funds, recovery of
        funds, lost crypto, stolen bitcoin, stolen crypto, scammed funds, recovery expert*, asset
        recovery, funds recovery, биткоин, криптовалют*
    """,
    "adult": """
        porn, porno, pornhub, xxx, xxx video*, sex video*, sex cam*, sex chat,
        webcam girl*, cam girls, live cams, nude*, nudes, naked girls, hot
        girls, horny, milf, escort*, escort service*, call girls, escort
        girls, adult dating, adult toys, sex toys, sex dating, casual sex,
        hookup*, hook up tonight, meet singles, single women, local singles,
        russian brides, mail order bride*, onlyfans, fuck buddy, sexy girls,
        dating site*, dating app*, sugar daddy, sugar mummy, sexdating, порно,
        секс знакомства, проститутки, интим, look at my photos, see my photos,
        my photos, lonely woman, lonely girl, write to me, chat with me, hot
        photos, girls in your city, женщины для, 成人
    """,
    "hire": """
        spell caster*, love spell*, spell casting, powerful spell, voodoo, spiritual healer,
        native doctor, herbal doctor, herbal cure, herbal medicine, herbal remed*, herbs and
        roots, cured me of, cure for herpes, herpes cure, hiv cure, get your ex back, bring back
        my ex, brought back my ex, brought my ex back, bring back your ex, restored my marriage,
        saved my marriage with, lottery spell, join the illuminati, illuminati, hire a hacker,
        hacker for hire, ethical hacker, professional hacker, hack a phone, hack into, hacked my,
        phone hack*, whatsapp hack*, spy on, spy app*, cheating spouse's phone, clone their phone,
        private investigator, contact him, contact her on, contact him via, email him, reach him
        on, reach him at, reach out to him, contact them via, text him on, whatsapp him, dr great,
        his email, via email, via whatsapp, on whatsapp, whatsapp number, add me on, telegram
        channel, on telegram, herbs of, his herbs, a hacker, this hacker, great hacker, wizard,
        recovered my, testify, my testimony, the brotherhood, reach him through, write to him,
        contact this, contact him, his email address, rituals, ritual, genuine hacker, psychic
        reading*, psychics, clairvoyant*, horoscope reading, love reading, vashikaran,
        astrologer*, black magic, marriage problem solution, deleted texts, access to her phone,
        access to his phone
    """,
    "praise": """
        great post, nice post, good post, great article, nice article, great blog, nice blog,
        awesome blog, wonderful blog, amazing blog, excellent blog, excellent post, awesome post,
        fantastic post, great site, nice site, good site, great website, nice website, wonderful
        site, great info, great information, valuable information, useful information, helpful
        information, informative post, informative article, informative blog, very informative,
        quality content, great content, good content, nice content, your blog, your site, your
        website, your web site, your weblog, this blog, this website, this site, this web site,
        this weblog, your post, your posts, your article, your articles, your content, your
        writing style, keep up the, keep it up, keep posting, keep writing, bookmarked, bookmark
        your, book marked, bookmarking, subscribed to your, your rss, rss feed, your feed, feed
        reader, stumbled upon, stumbled across, came across your, came upon your, found your blog,
        found your site, found your website, discovered your, i have been surfing, been browsing,
        surfing online, searching for this, looking for this, looking for info, thanks for
        sharing, thank you for sharing, thanks for the sharing, thanks for posting, very helpful
        post, your point of view, i really enjoyed reading, enjoyed reading your, enjoy reading
        your, look forward to your, looking forward to your, more posts, next post, check back,
        visit again, come back again, i will come back, will be back, share this with, shared this
        on, my colleague, my brother recommended, recommended this, cousin recommended, my
        roommate, your theme, your layout, your design, what theme, which platform, blog platform,
        wordpress or, starting a blog, start my own blog, my own blog, your web hosting, loads
        fast, loading speed, browser compatib*, in internet explorer, looks good in, what a stuff,
        what a data, piece of writing, paragraph, this paragraph, blogger*, fellow blogger, web
        people, of this web page, web page, webpage, net visitors, related content, the title of
        your article, some doubts, i have a question for you, pretty nice, spot on with, i was
        reading, excellent read, good read, great read, hats off, worth reading, well written,
        author of, you are amazing at, magnificent, marvelous, marvellous, hello there, howdy,
        greetings, hey there, my friend sent me, wonderful post, superb, top notch, very useful
        for me, nice one, good info, useful blog, helpful blog, type of content, done a great job,
        digg it, creative ideas for your, contact page, kind of off topic, off topic, established
        blog, set up your own blog, info for me, few general things, site style, piece of
        information, valuable info, a lot of information, such valuable, great source of, i could
        have sworn, glad reading, satisfied to, visit this website, this web site, internet users,
        internet viewers, web visitors, all the internet, awesome things here, first comment here,
        top post, thanks for the information, thank you for the information, informative content,
        nice information, great share, keep sharing
    """,
    "offer": """
        click here, click on, click the link, click this, clicking here, follow the link, this
        link, link below, link in bio, visit my, visit our, visit us, visit the site, see my site,
        my site, my website, my web site, my web page, my webpage, my homepage, my blog, my page,
        my weblog, our website, our site, our page, our blog, check out my, check out our, check
        my, check us out, check this out, check it out, take a look at my, look at my, look into
        my, have a look at, feel free to visit, feel free to surf, also visit, here is my, heres
        my, for more info, for more information, for more details, more info, learn more at, read
        more at, more details here, contact us, contact me, call us, call now, call today, email
        us, message me, dm me, inbox me, get in touch with us, reach us, reach me, whatsapp, we
        offer, we provide, we are offering, we specialize, we deliver, we sell, our company, our
        services, our service, our team of, our products, our customers, our clients, our app, our
        agency, our experts, best service*, affordable price*, 100 free, totally free, absolutely
        free, free trial, free quote, free sample*, free download, for free, sign up, signup,
        register now, register here, join now, join here, join us, subscribe, try it now, limited
        time, act now, hurry, dont miss, special offer*, exclusive offer*, great deal*, best
        deal*, hot deal*, guaranteed, money back, satisfaction, risk free, no obligation, no
        credit check, unsubscribe, opt out, trusted by, legit, 24 7, worldwide shipping, fast
        delivery, unlimited, bonus, download now, watch free, watch online, stream free, full
        movie, full hd, serial key, crack, cracked, keygen, mod apk, apk, torrent, toll free, toll
        free number, our toll free, surf to my, my web blog, look at my web, my web page, my blog
        post, here is my web, apply here, apply now, order here, book now, book your, consult us,
        our consultants, our lawyers
    """,
    "channel": """
        subscribe to my, subscribe to me, subscribe me, subscribe my, sub to my, sub me, sub 4
        sub, sub for sub, subscribe back, sub back, please subscribe, my channel, my chanel, my
        new channel, our channel, my video, my videos, my vids, my vid, my new video, my cover, my
        covers, my music, my song, my new song, my music video, my rap, my mixtape, my soundcloud,
        my album, my ep, my playlist, check out this video, check out this playlist, like my, like
        my page, follow me, follow me on, follow back, followback, add me, give me a chance, give
        it a chance, thumbs up so, thumbs up this, please share, pls share, please like, vote for,
        vote for me, please vote, sign the petition, fundraiser, gofundme, kickstarter, indiegogo,
        my facebook, my twitter, my instagram, my page on, fb page, facebook page, check out,
        checkout, take a look at, subscribe, subscribers, subscriber, subs, subscription, like
        this comment, like and share, share and like, like share, share this video, share this
        page, share our, watch v, like 4 like, sub, followers, type 1337, hit the like, smash the
        like, go to my, come to my, listen to my, watch my, see my, search for my, views, donate
    """,
    "mobile": """
        ringtone*, polyphonic, poly*, wap, txt, freemsg, free msg, freephone, per msg, msgs, sms
        to, text yes, reply yes, reply with, reply to this, just reply, text back, text to, txt
        to, reply stop, send stop, stop to, to stop, 2 stop, stop texts, opt out, optout, to
        unsubscribe, cust care, customer service, customer services, your mobile, mobile club,
        camera phone*, camcorder, handset*, sim, network operator, prize, prizes, awarded, winner,
        you won, have won, won a, chance to win, 2 win, a chance, claim, to claim, claim code,
        claim no, voucher*, vouchers, guaranteed, entitled, selected to, been selected, final
        attempt, trying to contact, tried to contact, last attempt, valid 12hrs, valid only,
        expires, t cs, ts cs, tandcs, terms and conditions, terms conditions, std, 18 only, 16
        only, over 18, over 16, 18 yrs, 18yrs, costs, cost, pence, tone, tones, dating service,
        secret admirer, chat line, chatline, live chat, free entry, weekly, competition, auction,
        loyalty, unredeemed, statement for, tariff*, mins, minutes, free call, free text, free
        texts, double mins, unsub
    """,
    "help": """
        samaritans, 988, lifeline, crisis line, crisis lines, crisis text line, helpline*, help
        line*, hotline*, suicide prevention, emergency number, call 911, call 999, call 112, 116
        123, 741741, 85258, 13 11 14, domestic violence, shelter*, support group*, self help
        group*, grief group*, nami, al anon, alateen, alcoholics anonymous, gamblers anonymous,
        telefonseelsorge, telefono de la esperanza, national health service, nhs
    """,
    "probe": """
        union select, order by, or 1 1, waitfor delay, sleep 5, pg_sleep, etc passwd, script
        alert, alert 1, nslookup, dbms pipe, benchmark, onmouseover, acunetix, phqghume, boot ini,
        win ini, chr 100, concat, response write, ping c, testasp, vulnweb
    """,
}


def _split_phrases(written: str) -> tuple[str, ...]:
    flat = written.split(",")
    return tuple(dict.fromkeys(" ".join(part.split()) for part in flat if part.strip()))


PHRASE_GROUPS: dict[str, tuple[str, ...]] = {
    name: _split_phrases(text) for name, text in _GROUP_TEXTS.items()
}

# Words that people use about their own life.
FEELINGS = """
    feel feeling felt afraid scared anxious anxiety depressed depression lonely alone cry crying
    hurt hurts sad angry ashamed guilty worried overwhelmed stressed therapy therapist counselor
    counsellor husband wife boyfriend girlfriend mother father mom dad son daughter family marriage
    divorce panic trauma grief died death abuse abused abusive suicidal sleep
"""

# Names of people who comment for the sake of a link. Matched against name and website only:
# everybody writes about lawyers and repairs.
TRADES = _split_phrases(
    """
    lawyer*, attorney*, solicitor*, plumber*, plumbing, electrician*, dentist*, dental,
    invisalign, orthodontist*, surgeon*, clinic, clinics, rehab, detox, repair, repairs, roofing,
    service, services, company, companies, agency, agencies, contractor*, consultant*,
    consultants, movers, moving, removals, cleaning, cleaner*, rental, rentals, hire, for hire,
    price, prices, cheap, cheapest, best, top 10, buy, online, near me, deals, discount*, offers,
    sale, shop, store, outlet, wholesale, supplier*, manufacturer*, software, app, apps, apk,
    game, games, gaming, download*, hosting, vpn, insurance, loan, loans, mortgage*, design,
    designer*, developer*, marketing, advertising, tours, tour, hotel, hotels, flights, travel
    agency, tickets, visa, visas, immigration, camera, cameras, cctv, furniture, flooring,
    kitchens, bathrooms, windows, solar, landscaping, limo, taxi, cab, transfer, locksmith*,
    garage door*, towing, tyres, used cars, car wash, training institute, courses, certification*,
    exam dumps, assignment*, homework, essay*, thesis, tutor online, escorts, dating, singles,
    psychic*, astrolog*, tarot, hack*, spy, followers, likes, generator, keto, vape*, cbd, kratom,
    pills, supplement*, forex, trading, crypto*, bitcoin, investing, gold ira, streaming, iptv,
    porn*, sex, xxx, casino*, slot*, poker, betting, judi, togel, toto, bet, deposit, wigs,
    watches, jewelry
    """
)
